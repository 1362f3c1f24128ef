-- Vectors found by nearness, and the indexes that serve them. Asked by vector::VectorStore and vector::IndexBuilder.

-- The vectors that are most like one.
-- name: SearchSimilar :one
select content_types as "content_types!", content_ids as "content_ids!", chunks as "chunks!",
       similarities as "similarities!", through_index as "through_index?", complete as "complete!"
  from search_similar(row(@tenant_id, @model_id, @query_vector, @max_results, sqlc.narg(only_content),
                          sqlc.narg(only_user), sqlc.narg(only_since), sqlc.narg(only_until),
                          sqlc.narg(only_conversation), sqlc.narg(only_metadata), @min_similarity, @only_way,
                          sqlc.narg(only_effort), sqlc.narg(only_index))::similar_query);

-- How SearchSimilar of the same goes about it.
-- name: ExplainSimilar :many
select line as "line!"
  from explain_similar(row(@tenant_id, @model_id, @query_vector, @max_results, sqlc.narg(only_content),
                           sqlc.narg(only_user), sqlc.narg(only_since), sqlc.narg(only_until),
                           sqlc.narg(only_conversation), sqlc.narg(only_metadata), @min_similarity, @only_way,
                           sqlc.narg(only_effort), sqlc.narg(only_index))::similar_query);
