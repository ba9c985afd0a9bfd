package dev.grain.worker;

import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the commands find the cluster key. */
final class Keys {
  private Keys() {}

  /**
   * Returns what protects connections.
   *
   * @param key the file that was named, null for the usual one, which is made if there is none
   * @param insecure whether nothing protects them
   * @throws IOException if the key cannot be used; the message states why and what to do
   */
  static Security security(@Nullable Path key, boolean insecure) throws IOException {
    if (insecure) {
      return Security.plainText();
    }
    return Security.tls(
        key == null ? ClusterKey.loadOrCreate(ClusterKey.defaultPath()) : ClusterKey.load(key));
  }
}
