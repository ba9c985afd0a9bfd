package dev.grain.aws;

import dev.grain.Secret;
import java.io.IOException;

/** A user and a password, as JSON with the usual fields or as two lines. */
record Login() implements SecretContent {
  private static final LoginInFields USUAL_FIELDS = new LoginInFields("username", "password");

  @Override
  public Secret.Value parse(String text) throws IOException {
    return JsonFields.isObject(text) ? USUAL_FIELDS.parse(text) : Secret.Value.Password.parse(text);
  }
}
