package dev.grain.head;

import dev.grain.bytes.Bytes;
import dev.grain.loop.Loop;
import dev.grain.message.Link;
import dev.grain.message.Message;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.RejectedExecutionException;

/**
 * The code that one node has asked for and not got yet: a few answers are looked for at a time, and
 * none while the node takes less than it is sent. So a node that asks and asks costs the head no
 * more than what a few answers take.
 *
 * <p>To be used on the head's loop.
 */
final class CodeRequests {
  /** How many answers are looked for at a time. */
  static final int MOST_AT_ONCE = 4;

  /** How many more may wait, each counted once: more than any program has jars. */
  static final int MOST_WAITING = 16 * 1024;

  private static final int HASH_BYTES = 32;

  private final Loop loop;
  private final CodeLibrary library;
  private final Link<Message.ToNode> link;

  // all only accessed by the loop
  private final SequencedSet<Bytes> waiting = new LinkedHashSet<>();
  private int lookedFor;
  private boolean closed;

  CodeRequests(Loop loop, CodeLibrary library, Link<Message.ToNode> link) {
    this.loop = loop;
    this.library = library;
    this.link = link;
  }

  /** The node asks for code. What is beyond the bound is ignored; no worker of ours gets there. */
  void add(Bytes hash) {
    if (waiting.size() < MOST_WAITING && hash.length() <= HASH_BYTES) {
      waiting.add(hash);
    }
    answer();
  }

  /** Looks for what may be looked for now. */
  void answer() {
    Iterator<Bytes> next = waiting.iterator();
    while (!closed && lookedFor < MOST_AT_ONCE && next.hasNext() && !link.isCongested()) {
      Bytes hash = next.next();
      next.remove();
      lookedFor++;
      library.find(hash, this::found);
    }
  }

  private void found(Message.ToNode message) {
    try {
      loop.post(() -> send(message));
    } catch (RejectedExecutionException e) {
      // the run is over, and nobody waits for the answer
    }
  }

  private void send(Message.ToNode message) {
    lookedFor--;
    if (!closed) {
      link.send(message);
      link.flush();
      answer();
    }
  }

  /** The node is gone. */
  void close() {
    closed = true;
    waiting.clear();
  }
}
