package dev.grain.aws;

import dev.grain.Secret;
import java.io.IOException;

/** A user and a password in fields of a JSON object. */
record LoginInFields(String userField, String passwordField) implements SecretContent {
  @Override
  public Secret.Value parse(String text) throws IOException {
    JsonFields fields = JsonFields.of(text);
    return new Secret.Value.Password(fields.text(userField), fields.text(passwordField));
  }
}
