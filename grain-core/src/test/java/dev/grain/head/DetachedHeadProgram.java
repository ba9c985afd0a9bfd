package dev.grain.head;

import dev.grain.wire.Address;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A life of a head in a process of its own, which tells each line that its store has kept. */
public final class DetachedHeadProgram {
  private DetachedHeadProgram() {}

  /**
   * Runs until it is killed.
   *
   * @param arguments the file of the store, and the addresses of the workers
   */
  public static void main(String[] arguments) throws Exception {
    LogStore store =
        LogStore.open(
            Path.of(arguments[0]),
            line -> {
              System.out.println(line);
              System.out.flush();
            });
    RealHead head = new RealHead("h", store);
    head.begin(
        store.unended(), Stream.of(arguments).skip(1).map(Address::parse).toArray(Address[]::new));
    Thread.currentThread().join();
  }
}
