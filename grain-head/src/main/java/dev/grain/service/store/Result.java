package dev.grain.service.store;

/** What a job has returned, or where that is. */
public sealed interface Result {
  /** Nothing. */
  record None() implements Result {}

  /** Bytes that are few enough for the tables. */
  @SuppressWarnings("ArrayRecordComponent")
  record Value(byte[] bytes) implements Result {}

  /** Those of a blob, which is kept as long as the job is. */
  record Blob(String hash) implements Result {}
}
