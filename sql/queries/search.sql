-- Search. Asked by vector::Search.

-- The best messages with what is shown of them. The snippet marks matches with characters 2 and 3, which
-- it holds nowhere else.
-- name: SearchMessages :many
select s.message_id, s.score as "score!", s.text_rank, s.text_score, s.vector_rank, s.similarity,
       m.conversation_id, c.title, m.role, m.created_at, m.source_id, m.seq,
       ts_headline('pg_catalog.english', translate(left(m.content, 20000), E'\x02\x03', '  '),
                   coalesce(any_of_words(@question), ''::tsquery),
                   E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=" … "')
         as snippet
  from search_messages(@tenant_id, @question, sqlc.narg(model_id), sqlc.narg(query_vector),
                       sqlc.narg(only_user), sqlc.narg(only_role), sqlc.narg(only_since),
                       sqlc.narg(only_until), sqlc.narg(only_conversation), @max_results, @depth,
                       @text_weight, @vector_weight, @fusion_k, @min_similarity) s
  join messages m on m.tenant_id = @tenant_id and m.id = s.message_id
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 order by s.score desc, s.message_id;

-- name: ExplainSearch :many
select line as "line!"
  from explain_search(@tenant_id, @question, sqlc.narg(model_id), sqlc.narg(query_vector),
                      sqlc.narg(only_user), sqlc.narg(only_role), sqlc.narg(only_since),
                      sqlc.narg(only_until), sqlc.narg(only_conversation), @max_results, @depth,
                      @text_weight, @vector_weight, @fusion_k, @min_similarity);

-- The vectors that are most like one.
-- name: SearchSimilar :one
select content_types as "content_types!", content_ids as "content_ids!", chunks as "chunks!",
       similarities as "similarities!", through_index as "through_index?", complete as "complete!"
  from search_similar(row(@tenant_id, @model_id, @query_vector, @max_results, sqlc.narg(only_content),
                          sqlc.narg(only_user), sqlc.narg(only_since), sqlc.narg(only_until),
                          sqlc.narg(only_conversation), sqlc.narg(only_metadata), @min_similarity, @only_way,
                          sqlc.narg(only_effort))::similar_query);

-- name: ExplainSimilar :many
select line as "line!"
  from explain_similar(row(@tenant_id, @model_id, @query_vector, @max_results, sqlc.narg(only_content),
                           sqlc.narg(only_user), sqlc.narg(only_since), sqlc.narg(only_until),
                           sqlc.narg(only_conversation), sqlc.narg(only_metadata), @min_similarity, @only_way,
                           sqlc.narg(only_effort))::similar_query);
