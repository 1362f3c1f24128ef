drop table tool_executions, messages, conversations;
drop function title_words(text), split_words(text), loci_tenant();
