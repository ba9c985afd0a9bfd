package dev.grain.worker;

import dev.grain.text.Spelling;
import java.util.Arrays;

/** What the launcher runs to find out which command was meant by one that it does not know. */
final class NearestCommand {
  private NearestCommand() {}

  /** Prints the nearest command, or nothing if none is near. */
  static void main(String[] writtenThenKnown) {
    String nearest =
        Spelling.nearest(
            writtenThenKnown[0],
            Arrays.asList(writtenThenKnown).subList(1, writtenThenKnown.length));
    if (nearest != null) {
      System.out.println(nearest);
    }
  }
}
