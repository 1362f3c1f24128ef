drop table tool_executions, messages, conversations;
drop function conversation_of_message(uuid, uuid);
drop function title_words(text), split_words(text), loci_tenant();
