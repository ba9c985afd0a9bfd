package dev.grain.minion.testing;

import dev.grain.folder.Folders;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A server that the tests of a class share, with a folder of its own. */
public final class Served<S extends AutoCloseable> implements BeforeAllCallback, AfterAllCallback {
  private final Starter<S> starter;
  private @Nullable Path folder;
  private @Nullable S server;

  /** How a server is started. */
  public interface Starter<S> {
    /**
     * Starts one; may skip the tests instead.
     *
     * @param folder where its data are
     */
    S start(Path folder) throws Exception;
  }

  /** Makes one that is not started. */
  public Served(Starter<S> starter) {
    this.starter = starter;
  }

  /** Returns the server. */
  public S get() {
    if (server == null) {
      throw new IllegalStateException("The server is not started.");
    }
    return server;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = Files.createTempDirectory("grain-served-");
    server = starter.start(folder);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (server != null) {
      server.close();
      server = null;
    }
    if (folder != null) {
      Folders.delete(folder);
      folder = null;
    }
  }
}
