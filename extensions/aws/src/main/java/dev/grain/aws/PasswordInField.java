package dev.grain.aws;

import dev.grain.Secret;
import java.io.IOException;

/** The password of a user in a field of a JSON object. */
record PasswordInField(String user, String field) implements SecretContent {
  @Override
  public Secret.Value parse(String text) throws IOException {
    return new Secret.Value.Password(user, JsonFields.of(text).text(field));
  }
}
