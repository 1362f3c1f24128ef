drop index memories_ended, tool_executions_started;
drop table loci_secrets;
do $$
begin
  set local role loci_search;
  execute 'drop function conversations_with, messages_with, memories_with, conversations_titled';
  reset role;
end
$$;
drop index conversations_title;
drop function title_query(text), title_words(text), split_words(text);
drop policy search on memories;
revoke select on memories from loci_search;
