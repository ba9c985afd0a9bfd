package dev.grain.aws;

import dev.grain.Secret;
import java.io.IOException;

/** What the text of a secret means. */
interface SecretContent {
  /**
   * Returns what the text contains.
   *
   * @throws IOException if it is something else; the message is a part of a sentence and does not
   *     contain the text
   */
  Secret.Value parse(String text) throws IOException;
}
