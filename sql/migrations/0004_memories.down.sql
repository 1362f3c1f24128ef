drop table memory_sources, memory_versions, memories;
