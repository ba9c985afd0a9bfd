package dev.grain.aws;

import dev.grain.Secret;

/** A text that is the password of a user. */
record PasswordOf(String user) implements SecretContent {
  @Override
  public Secret.Value parse(String text) {
    return new Secret.Value.Password(user, text.replaceFirst("\r?\n$", ""));
  }
}
