do $$
begin
  set local role loci_search;
  execute 'drop function search_similar, explain_similar';
  reset role;
end
$$;
drop function explain_similar_plan, run_similar, prepare_similar, plan_similar, expected_rows, index_cost,
  exact_cost, similar_sql, similar_scope, distance_operator, indexed_vector;
drop type similar_found, similar_plan, similar_query;
drop table vector_indexes;
