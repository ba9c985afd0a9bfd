package dev.grain.benchmarks;

import dev.grain.benchmarks.bare.BareTls;
import dev.grain.benchmarks.bare.BareWorker;
import java.nio.file.Path;
import javax.net.ServerSocketFactory;

/** A worker of any system but Grain in a JVM of its own. Says {@code ready PORT}. */
final class WorkerMain {
  private WorkerMain() {}

  /** Takes the subject, and the file of its key. */
  static void main(String[] arguments) throws Exception {
    Tether.endWithInput();
    Path key = Path.of(arguments[1]);
    int port =
        switch (Subject.of(arguments[0])) {
          case BARE -> BareWorker.start(Jobs.NUMBERED, null).port();
          case BARE_TLS -> BareWorker.start(Jobs.NUMBERED, BareTls.load(key)).port();
          case HAZELCAST -> HazelcastPeer.startWorker(key);
          case IGNITE -> IgnitePeer.startWorker(key);
          case RAW -> RawCopy.startWorker(ServerSocketFactory.getDefault());
          case RAW_TLS -> RawCopy.startWorker(BareTls.load(key).context().getServerSocketFactory());
          case GRAIN, GRAIN_TLS, GRAIN_JOURNAL, ONE_THREAD, TWO_THREADS ->
              throw new IllegalArgumentException(arguments[0] + " has no worker of this kind");
        };
    System.out.println("ready " + port);
    Thread.currentThread().join();
  }
}
