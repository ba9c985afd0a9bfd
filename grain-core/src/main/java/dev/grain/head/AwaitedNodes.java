package dev.grain.head;

import dev.grain.loop.Loop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The workers that may have detached jobs and have not said yet which, by the ids of their lives:
 * those that are away, each for as long as it is waited for, and those that have just joined.
 *
 * <p>To be used on the head's loop.
 */
final class AwaitedNodes {
  private final Loop loop;
  private final long patience;
  private final Consumer<List<DetachedJob>> onNotBack;

  // all only accessed by the loop
  private final SequencedMap<String, Awaited> nodes = new LinkedHashMap<>();
  // those that are there, and whether they have said all
  private final Map<String, Boolean> joined = new HashMap<>();

  /** What one of them may have. */
  private static final class Awaited {
    final SequencedSet<DetachedJob> jobs = new LinkedHashSet<>();
    Loop.@Nullable Timer timer;

    void stopTimer() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }

  /**
   * Awaits nobody yet.
   *
   * @param patience how many nanoseconds one is waited for
   * @param onNotBack receives the jobs of one that is not back by then
   */
  AwaitedNodes(Loop loop, long patience, Consumer<List<DetachedJob>> onNotBack) {
    this.loop = loop;
    this.patience = patience;
    this.onNotBack = onNotBack;
  }

  /** Adds a job that it may have; returns false if it is there, and has said all that it has. */
  boolean add(String incarnation, DetachedJob job) {
    if (joined.getOrDefault(incarnation, false)) {
      return false;
    }
    Awaited node = nodes.computeIfAbsent(incarnation, _ -> new Awaited());
    node.jobs.add(job);
    job.awaitedFrom = incarnation;
    if (node.timer == null && !joined.containsKey(incarnation)) {
      node.timer = loop.schedule(patience, () -> onOver(incarnation, node));
    }
    return true;
  }

  private void onOver(String incarnation, Awaited node) {
    if (nodes.remove(incarnation, node)) {
      onNotBack.accept(new ArrayList<>(node.jobs));
    }
  }

  /** A job that it has was found there. */
  void remove(DetachedJob job) {
    Awaited node = nodes.get(job.awaitedFrom);
    if (node != null) {
      node.jobs.remove(job);
    }
  }

  /** Returns all jobs that one of them may have. */
  List<DetachedJob> jobs() {
    return nodes.values().stream().flatMap(node -> node.jobs.stream()).toList();
  }

  /** It has joined, and says what it has. */
  void onJoined(String incarnation) {
    joined.put(incarnation, false);
    Awaited node = nodes.get(incarnation);
    if (node != null) {
      node.stopTimer();
    }
  }

  /** It has said all; returns what it has not. */
  List<DetachedJob> onComplete(String incarnation) {
    joined.put(incarnation, true);
    return take(incarnation);
  }

  /** It is away, and will be back: what it may have still counts, for a while. */
  void onAway(String incarnation) {
    joined.remove(incarnation);
    Awaited node = nodes.get(incarnation);
    if (node != null && node.timer == null) {
      node.timer = loop.schedule(patience, () -> onOver(incarnation, node));
    }
  }

  /** It is gone; returns what it may have had. */
  List<DetachedJob> onGone(String incarnation) {
    joined.remove(incarnation);
    return take(incarnation);
  }

  private List<DetachedJob> take(String incarnation) {
    Awaited node = nodes.remove(incarnation);
    if (node == null) {
      return List.of();
    }
    node.stopTimer();
    return new ArrayList<>(node.jobs);
  }
}
