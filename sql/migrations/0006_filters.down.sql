drop table loci_secrets;
do $$
begin
  set local role loci_search;
  execute 'drop function conversations_with, messages_with, memories_with, conversations_titled';
  reset role;
end
$$;
drop function title_query(text);
drop policy search on memories;
revoke select on memories from loci_search;
