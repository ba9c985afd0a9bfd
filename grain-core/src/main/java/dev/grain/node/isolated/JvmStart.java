package dev.grain.node.isolated;

import dev.grain.bytes.Bytes;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The start of one JVM: puts into its folder what it needs, and waits until it has connected. */
final class JvmStart implements AutoCloseable {
  private final long resultLimit;
  private final JvmFolder folder;
  private final ServerSocketChannel server;
  private final JvmLaunch launch;
  private final List<String> words;

  private JvmStart(
      long resultLimit,
      JvmFolder folder,
      ServerSocketChannel server,
      JvmLaunch launch,
      List<String> words) {
    this.resultLimit = resultLimit;
    this.folder = folder;
    this.server = server;
    this.launch = launch;
    this.words = words;
  }

  /**
   * Makes everything ready.
   *
   * @param job its first job
   * @throws PreparationException if it cannot be started; the sentence says why
   */
  static JvmStart prepare(IsolatedJvms all, JvmKind kind, IsolatedJob job, JvmFolder folder)
      throws PreparationException, IOException, InterruptedException {
    JvmLaunch launch =
        all.launcher(kind)
            .prepare(
                new JvmLauncher.Request(
                    job.order().run(),
                    kind.isolation(),
                    kind.ready(),
                    job.allocation(),
                    kind.limit(),
                    folder.path()));
    Bytes code = kind.runner().handOver(kind, launch);
    new Setup(all.resultLimit(), kind.memoryForHeap(), launch.mark(), code).write(folder.setup());
    Files.writeString(folder.classPath(), JvmCommand.classPath(all.ownFiles(), launch));
    BegunNote.create(folder.begun());
    List<String> words =
        JvmCommand.words(launch.java(), JvmFolder.ofThisJvm(launch.folder()), kind);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    boolean bound = false;
    try {
      server.bind(UnixDomainSocketAddress.of(folder.socket()));
      bound = true;
      return new JvmStart(all.resultLimit(), folder, server, launch, words);
    } finally {
      if (!bound) {
        server.close();
      }
    }
  }

  /** Starts it; to be called once. */
  RunningJvm start() throws PreparationException, IOException {
    RunningJvm started = launch.start(words, folder.printed());
    // one that ends instead of calling ends the wait
    started.whenEnded(this::close);
    return started;
  }

  /** Waits until it has connected; returns null if it has ended instead. */
  @Nullable JvmConnection connection() throws IOException {
    try {
      return JvmConnection.accept(server, resultLimit);
    } catch (ClosedChannelException e) {
      return null;
    }
  }

  /** Waits for it no longer. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // nobody waits for it
    }
  }
}
