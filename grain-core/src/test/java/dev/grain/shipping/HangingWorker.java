package dev.grain.shipping;

import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;

/** Loads a bundle, and waits for good for what its head does not have. */
public final class HangingWorker {
  private HangingWorker() {}

  /**
   * Begins to load.
   *
   * @param args the cache, the folder with what the head has, and the id of the bundle
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    CodeStore store = new CodeStore(Path.of(args[0]), 1 << 30);
    store.load(
        Bytes.of(HexFormat.of().parseHex(args[2])),
        hash -> {
          Path file = Path.of(args[1], name(hash));
          if (Files.notExists(file)) {
            System.out.print('!');
            System.out.flush();
            new CountDownLatch(1).await();
          }
          return Bytes.of(Files.readAllBytes(file));
        });
  }

  static String name(Bytes hash) throws IOException {
    return HexFormat.of().formatHex(hash.stream().readAllBytes());
  }
}
