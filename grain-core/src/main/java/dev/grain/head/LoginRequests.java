package dev.grain.head;

import dev.grain.loop.Loop;
import dev.grain.message.Link;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers one node that needs logins: each is read anew, sent to this node alone, and not kept. It
 * does not go over a link that others can read. A few are read at a time, and none while the node
 * takes less than it is sent.
 *
 * <p>To be used on the head's loop.
 */
final class LoginRequests {
  /** How many are read at a time. */
  static final int MOST_AT_ONCE = 16;

  /** How many more may wait: far more than a node prepares at a time. */
  static final int MOST_WAITING = 1024;

  /** The longest address, in characters; no worker asks for a longer one. */
  private static final int LONGEST_TARGET = 8 * 1024;

  private final Loop loop;
  private final Link<Message.ToNode> link;
  private final String worker;
  private final boolean encrypted;
  private final Function<String, @Nullable LoginLibrary> libraries;

  // all only accessed by the loop
  private final SequencedSet<Message.NeedLogin> waiting = new LinkedHashSet<>();
  private int open;
  private boolean closed;

  /**
   * Makes one that was asked for nothing.
   *
   * @param worker the name of the node's worker
   * @param encrypted whether nobody else can read what goes over the link
   * @param libraries returns the logins of a run by its id; null if there is no such run
   */
  LoginRequests(
      Loop loop,
      Link<Message.ToNode> link,
      String worker,
      boolean encrypted,
      Function<String, @Nullable LoginLibrary> libraries) {
    this.loop = loop;
    this.link = link;
    this.worker = worker;
    this.encrypted = encrypted;
    this.libraries = libraries;
  }

  /** The node needs a login. What is beyond the bounds is ignored; no worker of ours gets there. */
  void add(Message.NeedLogin need) {
    if (waiting.size() < MOST_WAITING && need.target().length() <= LONGEST_TARGET) {
      waiting.add(need);
    }
    answer();
  }

  /** Answers what may be answered now: nothing while the node takes less than it is sent. */
  void answer() {
    while (!closed && open < MOST_AT_ONCE && !waiting.isEmpty() && !link.isCongested()) {
      answer(waiting.removeFirst());
    }
  }

  private void answer(Message.NeedLogin need) {
    LoginLibrary library = libraries.apply(need.run());
    if (library == null) {
      send(need, new LoginResult.Refused("The run has ended."));
    } else if (!library.covers(need.service(), need.target())) {
      send(need, new LoginResult.None());
    } else if (!encrypted) {
      send(
          need,
          new LoginResult.Refused(
              ("The login for %s was not sent to worker %s, because the connection is not encrypted."
                      + " Start the run without RunOptions.insecure() and the worker without"
                      + " --insecure: both then use TLS with the cluster key.")
                  .formatted(need.target(), worker)));
    } else {
      open++;
      library.find(
          need.service(), need.target(), result -> loop.tryPost(() -> found(need, result)));
    }
  }

  private void found(Message.NeedLogin need, LoginResult result) {
    open--;
    send(need, result);
    answer();
  }

  private void send(Message.NeedLogin need, LoginResult result) {
    if (!closed) {
      link.send(new Message.LoginAnswer(need.run(), need.service(), need.target(), result));
      link.flush();
    }
  }

  /** The node is gone: what is still read is sent to nobody. */
  void close() {
    closed = true;
    waiting.clear();
  }
}
