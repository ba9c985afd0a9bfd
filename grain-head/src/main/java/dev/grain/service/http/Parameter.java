package dev.grain.service.http;

/**
 * What a request may name beside its path and its body.
 *
 * @param schema the name of the schema of its value, or of each of them
 */
record Parameter(String name, Place place, String schema, String description) {
  /** Where it is. */
  enum Place {
    /** Behind the path, once. */
    QUERY,
    /** Behind the path, as often as there are values. */
    QUERIES,
    /** In a header. */
    HEADER
  }

  boolean isHeader() {
    return place == Place.HEADER;
  }

  boolean isRepeated() {
    return place == Place.QUERIES;
  }
}
