package dev.grain.worker.cache;

import dev.grain.node.prepare.Prepared;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Uses a cache as it is told to, one line for one key. */
final class CacheProgram {
  private CacheProgram() {}

  /**
   * Makes and holds what it is told to, until it is killed. {@code get KEY} makes it, {@code hang
   * KEY} does not come to an end with it, and {@code close} ends the last use.
   */
  static void main(String[] arguments) throws Exception {
    ContentCache cache = new ContentCache(Path.of(arguments[0]), Long.parseLong(arguments[1]));
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Prepared last = null;
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ", 2);
      switch (words[0]) {
        case "get" -> {
          last =
              cache.get(words[1], folder -> Files.writeString(folder.resolve("by"), "the other\n"));
          System.out.println("got " + last.path());
        }
        case "hang" ->
            cache.get(
                words[1],
                folder -> {
                  Files.writeString(folder.resolve("half"), "made\n");
                  System.out.println("making " + folder);
                  Thread.sleep(Long.MAX_VALUE);
                });
        case "close" -> {
          if (last != null) {
            last.close();
          }
          System.out.println("closed");
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
  }
}
