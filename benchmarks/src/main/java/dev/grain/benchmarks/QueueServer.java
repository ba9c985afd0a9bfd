package dev.grain.benchmarks;

import java.nio.file.Path;
import java.util.List;

/** What serves the queues of one kind while they are measured. For one thread. */
interface QueueServer extends AutoCloseable {
  /** Returns the scheme of the addresses of its queues. */
  String scheme();

  /**
   * Starts it, and returns when it serves.
   *
   * @return why it cannot be started here, as a part of a sentence; empty if it was started
   */
  String start() throws Exception;

  /** Returns the address of a queue, which does not exist before. */
  String address(String name);

  /** Returns how many items a round has, so that it takes about a second. */
  int items(Minions.Work work);

  @Override
  void close();

  /** Returns one of each kind, none of which was started. */
  static List<QueueServer> all(Path folder) {
    return List.of(folder(folder));
  }

  /** Returns the one of queues in folders, which need no server. */
  static QueueServer folder(Path folder) {
    return new QueueServer() {
      @Override
      public String scheme() {
        return "file";
      }

      @Override
      public String start() {
        return "";
      }

      @Override
      public String address(String name) {
        return "file:" + folder.resolve(name);
      }

      @Override
      public int items(Minions.Work work) {
        return work == Minions.Work.FUNCTION ? 50_000 : 500;
      }

      @Override
      public void close() {}
    };
  }
}
