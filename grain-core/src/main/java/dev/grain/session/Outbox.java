package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one side of a session has to send, and what it has sent and the other side has not
 * acknowledged.
 *
 * <p>Small messages wait in one queue. A message with large values waits beside it until the chunks
 * of its values have gone, a few such messages taking turns, and then gets into the queue; so do,
 * behind it, later messages about the same job. Frames take turns between the queue and the chunks,
 * and get their numbers as they go.
 */
final class Outbox {
  /** How many messages about jobs send their large values at the same time. */
  private static final int MOST_ACTIVE = 4;

  private final SessionLimits limits;

  // all fields are only accessed by the loop of the session
  private final Deque<Ready> queue = new ArrayDeque<>();
  private final Deque<Transfer> active = new ArrayDeque<>();
  private final Deque<Transfer> waiting = new ArrayDeque<>();
  // by the number of the value for which the peer has no room
  private final SequencedMap<Long, Transfer> paused = new LinkedHashMap<>();
  private int activeOfJobs;
  // messages behind one with large values, by the number of their job
  private final Map<Long, Deque<Message>> held = new HashMap<>();
  // by their numbers, those sent again before those sent
  private final Deque<Sent> sent = new ArrayDeque<>();
  private final Deque<Sent> toSendAgain = new ArrayDeque<>();
  private long bytes;
  private boolean chunkIsNext;
  private long lastNumber;
  private long lastValue;
  // the last numbers that the peer has acknowledged, and that this connection has carried
  private long acknowledged;
  private long carried;

  Outbox(SessionLimits limits) {
    this.limits = limits;
  }

  /**
   * Messages whose turn has come, for one frame: small ones, or one whose large values have gone.
   */
  private static final class Ready {
    final List<Message> messages = new ArrayList<>();
    final List<Frame.Part> parts;
    long size;

    Ready(Message first, long size, List<Frame.Part> parts) {
      this.messages.add(first);
      this.parts = parts;
      this.size = size;
    }

    /** Takes a further small message, unless that would be too much for a frame. */
    boolean add(Message message, long more, long most) {
      boolean fits = parts.isEmpty() && size + more <= most;
      if (fits) {
        messages.add(message);
        size += more;
      }
      return fits;
    }
  }

  /** A frame that is not acknowledged. */
  private record Sent(Frame.Numbered frame, long size) {}

  /** A message whose large values are on their way. */
  private static final class Transfer {
    final long job;
    final Message message;
    final List<Frame.Part> parts;
    final Deque<LargeValue> values;

    Transfer(long job, Message message, List<Frame.Part> parts, Deque<LargeValue> values) {
      this.job = job;
      this.message = message;
      this.parts = parts;
      this.values = values;
    }
  }

  /** What is still to go of a large value. */
  private static final class LargeValue {
    final long number;
    final Iterator<Bytes> pieces;
    long left;

    LargeValue(long number, Iterator<Bytes> pieces, long left) {
      this.number = number;
      this.pieces = pieces;
      this.left = left;
    }
  }

  /** Returns about how many bytes wait to be sent or acknowledged. */
  long bytes() {
    return bytes;
  }

  /** Returns the messages without large values that no connection has carried. */
  List<Message> unsent() {
    return queue.stream()
        .filter(ready -> ready.parts.isEmpty())
        .flatMap(ready -> ready.messages.stream())
        .toList();
  }

  /** Returns whether {@link #next} has a frame. */
  boolean hasNext() {
    return !toSendAgain.isEmpty() || !queue.isEmpty() || !active.isEmpty();
  }

  void add(Message message) {
    long size = MessageFields.size(message);
    bytes += size;
    Deque<Message> before = held.isEmpty() ? null : held.get(MessageFields.job(message));
    if (before != null) {
      before.add(message);
    } else {
      enqueue(message, size);
    }
  }

  private void enqueue(Message message, long size) {
    if (size < limits.large()) {
      addSmall(message, size);
      return;
    }
    List<Bytes> values = new ArrayList<>(MessageFields.values(message));
    List<Frame.Part> parts = new ArrayList<>();
    Deque<LargeValue> large = new ArrayDeque<>();
    for (int i = 0; i < values.size(); i++) {
      Bytes value = values.get(i);
      if (value.length() >= limits.large()) {
        parts.add(new Frame.Part(i, ++lastValue));
        large.add(new LargeValue(lastValue, value.pieces(limits.chunk()), value.length()));
        values.set(i, Bytes.empty());
      }
    }
    if (parts.isEmpty()) {
      addSmall(message, size);
    } else {
      start(
          new Transfer(
              MessageFields.job(message),
              MessageFields.with(message, values),
              List.copyOf(parts),
              large));
    }
  }

  private void addSmall(Message message, long size) {
    Ready last = queue.peekLast();
    if (last == null || !last.add(message, size, limits.chunk())) {
      queue.add(new Ready(message, size, List.of()));
    }
  }

  /** Values of no job are code, which jobs wait for; they do not wait themselves. */
  private void start(Transfer transfer) {
    if (transfer.job == MessageFields.NO_JOB) {
      active.add(transfer);
      return;
    }
    held.put(transfer.job, new ArrayDeque<>(1));
    if (activeOfJobs < MOST_ACTIVE) {
      activeOfJobs++;
      active.add(transfer);
    } else {
      waiting.add(transfer);
    }
  }

  /** Returns the next frame to write, which is then waiting for its acknowledgement; or null. */
  Frame.@Nullable Numbered next() {
    Sent next = toSendAgain.poll();
    if (next == null) {
      next = nextNew();
    }
    if (next == null) {
      return null;
    }
    sent.add(next);
    carried = next.frame.last();
    return next.frame;
  }

  private @Nullable Sent nextNew() {
    if (active.isEmpty() || (!chunkIsNext && !queue.isEmpty())) {
      chunkIsNext = true;
      return queue.isEmpty() ? null : nextOfQueue();
    }
    chunkIsNext = false;
    return nextChunk();
  }

  private Sent nextOfQueue() {
    Ready first = queue.remove();
    if (!first.parts.isEmpty()) {
      Message message = first.messages.getFirst();
      return new Sent(new Frame.Large(++lastNumber, message, first.parts), first.size);
    }
    Frame.Messages frame = new Frame.Messages(lastNumber + 1, first.messages);
    lastNumber = frame.last();
    return new Sent(frame, first.size);
  }

  private Sent nextChunk() {
    Transfer transfer = active.remove();
    LargeValue value = transfer.values.element();
    Bytes data = value.pieces.next();
    value.left -= data.length();
    if (value.left == 0) {
      transfer.values.remove();
    }
    if (transfer.values.isEmpty()) {
      complete(transfer);
    } else {
      active.add(transfer);
    }
    return new Sent(new Frame.Chunk(++lastNumber, value.number, value.left, data), data.length());
  }

  /** The large values have gone: the message may follow, and those that wait for it. */
  private void complete(Transfer transfer) {
    queue.add(new Ready(transfer.message, MessageFields.size(transfer.message), transfer.parts));
    if (transfer.job == MessageFields.NO_JOB) {
      return;
    }
    Deque<Message> behind = held.remove(transfer.job);
    Transfer next = waiting.poll();
    if (next != null) {
      active.add(next);
    } else {
      activeOfJobs--;
    }
    while (behind != null && !behind.isEmpty()) {
      Message message = behind.remove();
      enqueue(message, MessageFields.size(message));
      Deque<Message> again = held.get(transfer.job);
      if (again != null) {
        again.addAll(behind);
        return;
      }
    }
  }

  /** Leaves out what is still to go of a value that the peer does not want. */
  void skip(long number) throws WireException {
    ensureBegun(number, "refuses");
    for (Iterator<Transfer> transfers = active.iterator(); transfers.hasNext(); ) {
      Transfer transfer = transfers.next();
      if (transfer.values.removeIf(value -> isSkipped(value, number))
          && transfer.values.isEmpty()) {
        transfers.remove();
        complete(transfer);
        return;
      }
    }
  }

  private boolean isSkipped(LargeValue value, long number) {
    if (value.number != number) {
      return false;
    }
    bytes -= value.left;
    return true;
  }

  /** Sends no more of a value until the peer has room for it; of one that has gone, nothing. */
  void hold(long number) throws WireException {
    ensureBegun(number, "holds");
    for (Iterator<Transfer> transfers = active.iterator(); transfers.hasNext(); ) {
      Transfer transfer = transfers.next();
      if (transfer.values.element().number == number) {
        transfers.remove();
        paused.put(number, transfer);
        return;
      }
    }
  }

  /** Goes on with a value that was held, unless that was over another connection. */
  void goOn(long number) throws WireException {
    ensureBegun(number, "has room for");
    Transfer transfer = paused.remove(number);
    if (transfer != null) {
      active.add(transfer);
    }
  }

  private void ensureBegun(long number, String what) throws WireException {
    if (number <= 0 || number > lastValue) {
      throw new WireException(
          "The peer %s value %s, but the last one has the number %s."
              .formatted(what, number, lastValue));
    }
  }

  /** Forgets what the peer has. */
  void acknowledge(long received) throws WireException {
    if (received > carried) {
      throw new WireException(
          "The peer acknowledges number %s, but only %s was sent.".formatted(received, carried));
    }
    forget(received);
  }

  private void forget(long received) {
    acknowledged = Math.max(acknowledged, received);
    while (!sent.isEmpty() && sent.element().frame.last() <= received) {
      bytes -= sent.remove().size;
    }
  }

  /** Goes on after a number over a new connection. */
  void resume(long received) throws WireException {
    if (received < acknowledged || received > lastNumber) {
      throw new WireException(
          "The peer wants to resume after number %s, but it has acknowledged %s, and %s was sent."
              .formatted(received, acknowledged, lastNumber));
    }
    // the peer sends again which ones have to wait
    active.addAll(paused.values());
    paused.clear();
    sent.addAll(toSendAgain);
    toSendAgain.clear();
    forget(received);
    toSendAgain.addAll(sent);
    sent.clear();
    carried = received;
  }
}
