package dev.grain.benchmarks;

import java.util.List;
import java.util.Locale;

/** A system that is measured. */
enum Subject {
  GRAIN,
  GRAIN_TLS,
  /** Grain with a journal. */
  GRAIN_JOURNAL,
  BARE,
  BARE_TLS,
  HAZELCAST,
  IGNITE,
  /** Copies over a socket. */
  RAW,
  RAW_TLS,
  /** One thread of a JVM, without any system. */
  ONE_THREAD,
  /** Two threads of a JVM, without any system. */
  TWO_THREADS;

  /** The systems that are measured only if somebody wants to see them. */
  static final List<Subject> PEERS = List.of(HAZELCAST, IGNITE);

  /** Returns the flags without which its JVMs do not work. */
  List<String> flags() {
    return switch (this) {
      case GRAIN, GRAIN_TLS, GRAIN_JOURNAL, BARE, BARE_TLS, RAW, RAW_TLS, ONE_THREAD, TWO_THREADS ->
          List.of();
      case HAZELCAST -> HazelcastPeer.FLAGS;
      case IGNITE -> IgnitePeer.FLAGS;
    };
  }

  /** Returns whether its jobs run in other JVMs than that of its head. */
  boolean hasWorkers() {
    return switch (this) {
      case GRAIN, GRAIN_TLS, GRAIN_JOURNAL, BARE, BARE_TLS, HAZELCAST, IGNITE, RAW, RAW_TLS -> true;
      case ONE_THREAD, TWO_THREADS -> false;
    };
  }

  /** Returns what it is called on the command line, in tables and between processes. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Subject of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
