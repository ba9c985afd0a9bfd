package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one side of a session has received: the last number, and the large values of which parts
 * have arrived.
 *
 * @param <In> what is received
 */
final class Inbox<In extends Message> {
  /**
   * Of how many values parts may be there: more than a peer of ours sends before the message that
   * they belong to, whatever waits beside them.
   */
  static final int MOST_OPEN = 16 * 1024;

  private final Class<In> type;
  private final long mostOfValue;
  private final Session.Owner<? super In> owner;
  private final Arrivals arrivals;
  private final Runnable whenSomethingToSay;

  // all fields are only accessed by the loop of the session
  private final SequencedMap<Long, Value> values = new LinkedHashMap<>();
  // what has to be sent to the peer about values, by their numbers
  private final SequencedMap<Long, Frame> toSay = new LinkedHashMap<>();
  private long received;
  private long unacknowledged;
  private long unacknowledgedBytes;
  private boolean delivered;

  /**
   * Makes an empty inbox.
   *
   * @param whenSomethingToSay called when {@link #nextToSay} has something, though nothing arrived
   */
  Inbox(
      Class<In> type,
      long mostOfValue,
      Session.Owner<? super In> owner,
      Arrivals arrivals,
      Runnable whenSomethingToSay) {
    this.type = type;
    this.mostOfValue = mostOfValue;
    this.owner = owner;
    this.arrivals = arrivals;
    this.whenSomethingToSay = whenSomethingToSay;
  }

  /** A large value that is arriving. */
  private static final class Value {
    final long length;
    final boolean refused;
    final List<Bytes> parts = new ArrayList<>();
    // its room, if it needs any and while parts are missing
    Arrivals.@Nullable Claim claim;
    long left;

    Value(long length, boolean refused) {
      this.length = length;
      this.refused = refused;
      this.left = length;
    }

    boolean isHeld() {
      return claim != null && !claim.isGranted();
    }
  }

  /** Returns the number of the last thing received. */
  long received() {
    return received;
  }

  /** Returns how many things were received since the last acknowledgement. */
  long unacknowledged() {
    return unacknowledged;
  }

  /** Returns how many bytes of large values were received since the last acknowledgement. */
  long unacknowledgedBytes() {
    return unacknowledgedBytes;
  }

  /** Returns the acknowledgement of everything received. */
  Frame.Ack acknowledge() {
    unacknowledged = 0;
    unacknowledgedBytes = 0;
    return new Frame.Ack(received);
  }

  /** Returns whether messages were delivered since the last call. */
  boolean takeDelivered() {
    boolean was = delivered;
    delivered = false;
    return was;
  }

  /** Returns what has to be sent to the peer about a value, once; or null. */
  @Nullable Frame nextToSay() {
    return toSay.isEmpty() ? null : toSay.pollFirstEntry().getValue();
  }

  /** Makes {@link #nextToSay} return again what may have been lost with a connection. */
  void sayAgain() {
    toSay.clear();
    values.forEach((number, value) -> {
      if (value.refused) {
        toSay.put(number, new Frame.TooLarge(number));
      } else if (value.isHeld()) {
        toSay.put(number, new Frame.Hold(number));
      }
    });
  }

  /** Nothing arrives any more. */
  void close() {
    values.values().forEach(this::leaveRoom);
    values.clear();
  }

  private void leaveRoom(Value value) {
    Arrivals.Claim claim = value.claim;
    if (claim != null) {
      value.claim = null;
      arrivals.giveUp(claim);
    }
  }

  void receive(Frame.Numbered frame) throws WireException {
    if (frame.first() <= 0 || frame.first() - 1 > received) {
      throw new WireException(
          "A frame begins with number %s, but number %s is next."
              .formatted(frame.first(), received + 1));
    }
    switch (frame) {
      case Frame.Messages messages -> onMessages(messages);
      case Frame.Chunk chunk -> {
        if (isNext(chunk)) {
          onChunk(chunk);
        }
      }
      case Frame.Large large -> {
        if (isNext(large)) {
          onLarge(large);
        }
      }
    }
  }

  /** Counts the frame, unless it came already over an earlier connection. */
  private boolean isNext(Frame.Numbered frame) {
    if (frame.last() <= received) {
      return false;
    }
    received++;
    unacknowledged++;
    return true;
  }

  private void onMessages(Frame.Messages frame) throws WireException {
    List<? extends Message> messages = frame.messages();
    int known = (int) Math.min(received + 1 - frame.first(), messages.size());
    for (Message message : messages.subList(known, messages.size())) {
      In expected = cast(message);
      received++;
      unacknowledged++;
      delivered = true;
      owner.received(expected);
    }
  }

  private void onChunk(Frame.Chunk chunk) throws WireException {
    long length = chunk.data().length();
    if (length == 0 || chunk.left() < 0 || chunk.left() > Long.MAX_VALUE - length) {
      throw new WireException(
          "A chunk of value %s has %s bytes and leaves %s."
              .formatted(chunk.value(), length, chunk.left()));
    }
    Value value = values.get(chunk.value());
    if (value == null) {
      value = open(chunk.value(), chunk);
      values.put(chunk.value(), value);
    }
    if (value.left != length + chunk.left()) {
      throw new WireException(
          "A chunk of value %s has %s bytes and leaves %s, but %s are missing."
              .formatted(chunk.value(), length, chunk.left(), value.left));
    }
    value.left = chunk.left();
    unacknowledgedBytes += length;
    if (!value.refused) {
      value.parts.add(chunk.data());
    }
    if (value.left == 0) {
      if (value.isHeld()) {
        // it was on its way before the peer received that
        toSay.remove(chunk.value());
      }
      leaveRoom(value);
    }
  }

  private Value open(long number, Frame.Chunk first) throws WireException {
    if (values.size() == MOST_OPEN) {
      throw new WireException(
          "Value %s begins while %s others wait for their messages; that many may."
              .formatted(number, MOST_OPEN));
    }
    long length = first.data().length() + first.left();
    boolean refused = length > mostOfValue;
    Value value = new Value(length, refused);
    if (refused) {
      toSay.put(number, new Frame.TooLarge(number));
    } else if (first.left() > 0) {
      claimRoom(number, value);
    }
    return value;
  }

  private void claimRoom(long number, Value value) {
    value.claim = arrivals.claim(value.length, () -> onRoom(number));
    if (value.isHeld()) {
      toSay.put(number, new Frame.Hold(number));
    }
  }

  private void onRoom(long number) {
    // a hold that was not sent yet is not sent at all
    if (toSay.remove(number) == null) {
      toSay.put(number, new Frame.GoOn(number));
      whenSomethingToSay.run();
    }
  }

  private void onLarge(Frame.Large large) throws WireException {
    List<Bytes> fields = new ArrayList<>(MessageFields.values(large.message()));
    long tooLarge = 0;
    for (Frame.Part part : large.parts()) {
      Value value = values.remove(part.value());
      if (value == null || (value.left > 0 && !value.refused)) {
        throw new WireException(
            "A message came before its value %s was complete.".formatted(part.value()));
      }
      if (part.field() < 0 || part.field() >= fields.size()) {
        throw new WireException(
            "Value %s is said to be field %s of a message that has %s."
                .formatted(part.value(), part.field(), fields.size()));
      }
      if (value.refused) {
        // it has stopped by itself, or the peer was notified
        toSay.remove(part.value());
        tooLarge = Math.max(tooLarge, value.length);
      }
      fields.set(part.field(), Bytes.join(value.parts));
    }
    In message = cast(tooLarge > 0 ? large.message() : MessageFields.with(large.message(), fields));
    delivered = true;
    if (tooLarge > 0) {
      owner.refused(message, tooLarge);
    } else {
      owner.received(message);
    }
  }

  private In cast(Message message) throws WireException {
    if (!type.isInstance(message)) {
      throw new WireException(
          "The peer sent %s, which only the other side sends."
              .formatted(message.getClass().getSimpleName()));
    }
    return type.cast(message);
  }
}
