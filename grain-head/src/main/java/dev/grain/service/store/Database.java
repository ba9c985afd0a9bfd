package dev.grain.service.store;

import java.nio.file.Path;

/** Where the tables of a head are. */
public sealed interface Database {
  /**
   * A file in the data folder of the head, which nobody else uses.
   *
   * @param folder an existing folder
   */
  record Embedded(Path folder) implements Database {
    @Override
    public String toString() {
      return folder.toString();
    }
  }

  /**
   * A database of PostgreSQL 14 or later, which the head has to itself.
   *
   * @param url such as {@code jdbc:postgresql://db:5432/grain}
   */
  record PostgreSql(String url, String user, String password) implements Database {
    /** Does not tell the password. */
    @Override
    public String toString() {
      return url;
    }
  }
}
