drop table tool_executions, messages, conversations;
drop function loci_tenant();
