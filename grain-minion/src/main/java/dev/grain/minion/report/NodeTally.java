package dev.grain.minion.report;

import dev.grain.minion.report.Report.Busiest;

/**
 * What the minions of a node, and of one job of a batch system there, have done. For one thread.
 */
final class NodeTally {
  /** More cannot end at a node in twice the mean duration, as so many items do not run there. */
  private static final int MOST_TIMES = 4096;

  private final Node node;
  private final Recent ends = new Recent(MOST_TIMES);
  private final Recent failedEnds = new Recent(MOST_TIMES);
  private long generations;
  private long errors;

  /** Names it. */
  record Node(String nodename, String job) {
    static Node of(MinionEvent event) {
      return new Node(
          event.nodename(), event.batch().isEmpty() ? "" : event.batch().firstEntry().getValue());
    }
  }

  NodeTally(Node node) {
    this.node = node;
  }

  void add(MinionEvent event) {
    generations++;
    ends.add(event.end());
    if (event.error() != null) {
      errors++;
      failedEnds.add(event.end());
    }
  }

  private Busiest busiest(long count) {
    return new Busiest(node.nodename(), node.job(), count);
  }

  Busiest generations() {
    return busiest(generations);
  }

  Busiest recent(double from) {
    return busiest(ends.since(from));
  }

  Busiest errors() {
    return busiest(errors);
  }

  Busiest recentErrors(double from) {
    return busiest(failedEnds.since(from));
  }
}
