do $$
begin
  if pg_has_role(current_user, 'loci_search', 'set') then
    execute format('grant create on schema %I to loci_search', current_schema());
    set local role loci_search;
    execute 'drop function search_messages, explain_search';
    reset role;
    execute format('revoke all on schema %I from loci_search', current_schema());
  end if;
end
$$;
drop function any_of_words(text), words_of(text), guard_search(uuid), search_sql;
drop policy search on conversations;
drop policy search on messages;
drop policy search on embeddings;
revoke select on conversations, messages, embeddings, embedding_models from loci_search;
