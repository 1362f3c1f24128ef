#include <limits>

#include "storage/conformance/trial.hpp"

// What embeddings and their models do beside what every record does.
namespace loci::storage::conformance {
namespace {

struct Embeddings : Conformance {
  /// A message to store vectors of.
  Uuid text() { return say_one(conversation().id).id; }
  NewEmbedding chunk(const Uuid& text, std::int32_t number, Vector vector = {{1, 0, 0}}) {
    return {.model_id = model().id,
            .content_id = text,
            .chunk = number,
            .embedding = std::move(vector),
            .content_hash = "hash"};
  }
  std::vector<Embedding> of(const Uuid& text) {
    return run(embeddings().of_text(model().id, "message", text));
  }
  std::string refusal_of(Vector vector) {
    return refusal(embeddings().create(chunk(text(), 0, std::move(vector))));
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, Embeddings, every_storage(), storage_name);

TEST_P(Embeddings, OfOneTextAreItsChunksInOrder) {
  const Uuid text = this->text();
  (void)run(embeddings().create_batch({chunk(text, 1), chunk(text, 0), chunk(text, 10)}));
  EXPECT_THAT(each(of(text), &Embedding::chunk), ElementsAre(0, 1, 10));
  EXPECT_THAT(of(nobody()), IsEmpty());
}

TEST_P(Embeddings, OfAMessageAreNotThoseOfAMemory) {
  const Uuid text = run(memories().create(new_memory("x"))).id;
  NewEmbedding made = chunk(text, 0);
  made.content_type = "memory";
  (void)run(embeddings().create(made));
  EXPECT_THAT(of(text), IsEmpty());
  EXPECT_THAT(run(embeddings().of_text(model().id, "memory", text)), SizeIs(1));
}

TEST_P(Embeddings, AreOfAMessageOrAMemory) {
  NewEmbedding made = chunk(text(), 0);
  made.content_type = "picture";
  EXPECT_EQ(refusal(embeddings().create(made)), "invalid argument");
}

TEST_P(Embeddings, HaveChunksFromZero) {
  EXPECT_EQ(refusal(embeddings().create(chunk(text(), -1))), "invalid argument");
}

TEST_P(Embeddings, AreStoredAndReplaced) {
  const Uuid text = this->text();
  run(embeddings().store({chunk(text, 0), chunk(text, 1)}));
  run(embeddings().store({chunk(text, 1, {{0, 0, 1}}), chunk(text, 2)}));
  const auto stored = of(text);
  EXPECT_THAT(each(stored, &Embedding::chunk), ElementsAre(0, 1, 2));
  EXPECT_EQ(stored[1].embedding, (Vector{{0, 0, 1}}));
  EXPECT_THAT(each(stored, &Embedding::version), ElementsAre(1, 2, 1));
}

TEST_P(Embeddings, AreStoredAllOrNone) {
  const Uuid text = this->text();
  EXPECT_EQ(refusal(embeddings().store({chunk(text, 0), chunk(text, 1, {{1, 2}})})), "23514");
  EXPECT_THAT(of(text), IsEmpty());
}

TEST_P(Embeddings, OfATextThatIsNotThereAreRefused) {
  for (const char* type : {"message", "memory"}) {
    NewEmbedding made = chunk(nobody(), 0);
    made.content_type = type;
    EXPECT_EQ(refusal(embeddings().create(made)), "23503") << type;
    EXPECT_EQ(refusal(embeddings().create_batch({made})), "23503") << type;
    EXPECT_EQ(refusal(embeddings().store({made})), "23503") << type;
  }
  NewEmbedding crossed = chunk(text(), 0);
  crossed.content_type = "memory";
  EXPECT_EQ(refusal(embeddings().store({crossed})), "23503") << "there is a message of that id";
  EXPECT_EQ(run(embeddings().count()), 0);
}

TEST_P(Embeddings, OfATextThatWasErasedAreRefused) {
  const Uuid text = this->text();
  ASSERT_TRUE(run(messages().erase(text)));
  EXPECT_EQ(refusal(embeddings().store({chunk(text, 0)})), "23503");
}

TEST_P(Embeddings, OfOneKeyTwiceInACallAreTheLastAndOneVersion) {
  const Uuid text = this->text();
  run(embeddings().store({chunk(text, 0), chunk(text, 0, {{0, 1, 0}})}));
  EXPECT_EQ(of(text).at(0).embedding, (Vector{{0, 1, 0}}));
  EXPECT_EQ(of(text).at(0).version, 1);
  run(embeddings().store({chunk(text, 0), chunk(text, 0)}));
  EXPECT_EQ(of(text).at(0).version, 2);
}

TEST_P(Embeddings, ThatAreNotStoredAreNamed) {
  const Uuid text = this->text();
  const auto places_of = [&](std::vector<NewEmbedding> all) {
    std::vector<std::size_t> places;
    try {
      run(embeddings().store(std::move(all)));
    } catch (const BatchError& error) {
      for (const ItemFailure& each : error.failures()) places.push_back(each.item);
    }
    return places;
  };
  // Not in the order of their keys.
  EXPECT_THAT(
      places_of({chunk(text, 2), chunk(nobody(), 1), chunk(text, 1), chunk(text, 0, {{1}})}),
      ElementsAre(1, 3));
  EXPECT_THAT(places_of({chunk(text, 2), chunk(text, -1), chunk(text, 0, {{0, 0, 0}})}),
              ElementsAre(1, 2));
  EXPECT_THAT(of(text), IsEmpty());
}

TEST_P(Embeddings, ThatAreNoneAreStored) {
  run(embeddings().store({}));
  EXPECT_EQ(run(embeddings().count()), 0);
}

TEST_P(Embeddings, AreNotEmpty) {
  EXPECT_EQ(refusal_of({}), "invalid argument");
}

TEST_P(Embeddings, AreNotZero) {
  EXPECT_EQ(refusal_of({{0, 0, -0.0F}}), "invalid argument");
}

TEST_P(Embeddings, AreFinite) {
  EXPECT_EQ(refusal_of({{1, std::numeric_limits<float>::infinity(), 0}}), "invalid argument");
  EXPECT_EQ(refusal_of({{1, std::numeric_limits<float>::quiet_NaN(), 0}}), "invalid argument");
}

TEST_P(Embeddings, HaveTheDimensionsOfTheirModel) {
  EXPECT_EQ(refusal_of({{1, 2}}), "23514");
  EXPECT_EQ(refusal_of({{1, 2, 3, 4}}), "23514");
}

TEST_P(Embeddings, KeepTheDimensionsOfTheirModel) {
  const auto stored = run(embeddings().create(chunk(text(), 0)));
  EXPECT_EQ(refusal(embeddings().update(stored.key(), {.embedding = Vector{{1, 2}}})), "23514");
  EXPECT_EQ(refusal(embeddings().update(stored.key(), {.embedding = Vector{{0, 0, 0}}})),
            "invalid argument");
}

TEST_P(Embeddings, AreOfAModelThatIsKnown) {
  NewEmbedding made = chunk(text(), 0);
  made.model_id = 987654;
  EXPECT_EQ(refusal(embeddings().create(made)), "23514");
}

TEST_P(Embeddings, AreFoundByTheirFields) {
  using E = EmbeddingFields;
  const Uuid text = this->text();
  run(embeddings().store({chunk(text, 0), chunk(text, 1), chunk(this->text(), 0)}));
  EXPECT_EQ(run(embeddings().count(E::content_id.eq(text) && E::chunk.gt(0))), 1);
  EXPECT_EQ(run(embeddings().count(E::model_id.eq(model().id) && E::chunk.eq(0))), 2);
  EXPECT_EQ(run(embeddings().count(E::content_type.eq("memory"))), 0);
}

TEST_P(Embeddings, OfAModelAreApartFromThoseOfAnother) {
  const auto other = run(embeddings().add_model("other " + Uuid::v7().str(), 2));
  const Uuid text = this->text();
  NewEmbedding made = chunk(text, 0, {{1, 2}});
  made.model_id = other.id;
  run(embeddings().store({made, chunk(text, 0)}));
  EXPECT_THAT(of(text), SizeIs(1));
  EXPECT_EQ(run(embeddings().of_text(other.id, "message", text)).at(0).embedding, (Vector{{1, 2}}));
}

TEST_P(Embeddings, OfAModelThatIsRegisteredTwiceAreOfOne) {
  const std::string name = "twice " + Uuid::v7().str();
  const auto first = run(embeddings().add_model(name, 5));
  const auto second = run(embeddings().add_model(name, 5));
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.dimensions, 5);
}

TEST_P(Embeddings, OfAModelThatIsKnownWithOtherDimensionsAreRefused) {
  const std::string name = "known " + Uuid::v7().str();
  (void)run(embeddings().add_model(name, 5));
  EXPECT_EQ(refusal(embeddings().add_model(name, 6)), "22023");
}

TEST_P(Embeddings, OfAModelOfNoDimensionsAreRefused) {
  for (const std::int32_t dimensions : {0, -1, 16001}) {
    EXPECT_EQ(refusal(embeddings().add_model("x", dimensions)), "invalid argument") << dimensions;
  }
  EXPECT_EQ(refusal(embeddings().add_model("", 3)), "invalid argument");
}

TEST_P(Embeddings, OfAModelAreEveryTenants) {
  const auto mine = model();
  const auto other = storage().for_tenant(Uuid::v7());
  const auto models = run(other->embeddings().models());
  EXPECT_THAT(each(models, &EmbeddingModel::name), testing::Contains(mine.name));
}

TEST_P(Embeddings, OfAModelThatWasUndoneAreNotKnown) {
  const std::string name = "undone " + Uuid::v7().str();
  {
    const auto transaction = run(storage().begin());
    (void)run(transaction->embeddings().add_model(name, 3));
  }
  EXPECT_THAT(each(run(embeddings().models()), &EmbeddingModel::name),
              testing::Not(testing::Contains(name)));
}

using EmbeddingModels = ConformanceAlone;
INSTANTIATE_TEST_SUITE_P(Storages, EmbeddingModels, every_storage(), storage_name);

TEST_P(EmbeddingModels, AreNoneAtFirst) {
  EXPECT_THAT(run(embeddings().models()), IsEmpty());
  EXPECT_FALSE(run(embeddings().active_model()));
}

TEST_P(EmbeddingModels, AreActiveWhenTheyAreTheFirst) {
  const auto first = run(embeddings().add_model("first", 3));
  (void)run(embeddings().add_model("second", 4));
  EXPECT_EQ(run(embeddings().active_model()).value().id, first.id);
  EXPECT_THAT(each(run(embeddings().models()), &EmbeddingModel::name),
              ElementsAre("first", "second"));
}

}  // namespace
}  // namespace loci::storage::conformance
