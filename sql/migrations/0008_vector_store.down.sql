do $$
begin
  set local role loci_search;
  execute 'drop function search_similar, explain_similar';
  reset role;
end
$$;
drop function try_vector_index, begin_vector_trial, sample_vectors, explain_similar_plan, run_similar, prepare_similar, plan_similar, expected_rows, index_cost,
  exact_cost, similar_sql, similar_scope, vector_index_definition, indexed_distance, similar_distance, indexed_vector;
drop type similar_found, similar_plan, similar_query;
do $$
declare
  index record;
begin
  for index in select name from vector_indexes loop
    execute format('drop index if exists %I', index.name);
  end loop;
end
$$;
drop table vector_decisions, vector_indexes;
alter table embedding_models drop constraint embedding_models_metric_check;
alter table embedding_models add constraint embedding_models_metric_check
  check (metric in ('cosine', 'inner_product', 'l2'));
