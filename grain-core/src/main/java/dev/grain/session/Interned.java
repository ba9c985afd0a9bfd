package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.resource.internal.Demand;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Byte sequences that are often the same: the first time they are sent with a slot to be kept in,
 * and then as the number of the slot.
 *
 * <p>The sender alone decides which slot: the one that was used longest ago gives way. The code of
 * a sequence is 0 if it follows and is not kept, {@code 2 * slot + 1} if it follows and is kept,
 * {@code 2 * slot + 2} if it is in the slot.
 */
final class Interned {
  /** The longest sequence that is kept; with the number of slots it bounds the memory. */
  static final int LONGEST = 1024;

  private Interned() {}

  /** The parts of a message that are interned. */
  static final int NAME = 0;

  static final int REQUEST = 1;
  static final int FUNCTION = 2;
  static final int BUNDLE = 3;
  static final int RUN = 4;
  static final int ISOLATION = 5;
  static final int NEEDS = 6;
  private static final int FIELDS = 7;

  /** The sender's side of a direction. */
  static final class Sender {
    private final int bound;
    // by texts and by byte sequences; the one used longest ago is the first
    private final LinkedHashMap<Object, Integer> slots = new LinkedHashMap<>(16, 0.75f, true);
    // what was found last for each field, as most messages have what the one before had; in none
    // of the slots that have been given to others since
    private final @Nullable Object[] last = new @Nullable Object[FIELDS];
    private final int[] lastSlot = new int[FIELDS];

    Sender(int bound) {
      this.bound = bound;
    }

    /** Returns the slot of what was sent before, or -1. */
    int find(int field, Object text) {
      if (last[field] == text) {
        return lastSlot[field];
      }
      Integer slot = slots.get(text);
      if (slot == null) {
        return -1;
      }
      last[field] = text;
      lastSlot[field] = slot;
      return slot;
    }

    /** Returns the slot that what is sent now is kept in, or -1 for none. */
    int keep(Object text, int length) {
      if (length == 0 || length > LONGEST || bound == 0) {
        return -1;
      }
      int slot = slots.size();
      if (slot == bound) {
        for (Object used : last) {
          slots.getOrDefault(used, 0);
        }
        Arrays.fill(last, null);
        Map.Entry<Object, Integer> eldest = slots.firstEntry();
        slots.remove(eldest.getKey());
        slot = eldest.getValue();
      }
      slots.put(text, slot);
      return slot;
    }
  }

  /** What a slot holds; what it is read as is made when it is asked for, once. */
  static final class Kept {
    /** An empty sequence; shared by all, so nothing is kept with it. */
    private static final Kept NOTHING = new Kept(Bytes.empty());

    private static final Isolation.Jvm OF_THE_NODE = new Isolation.Jvm(Bytes.empty());
    private static final Isolation.Container WITHOUT_SETTING =
        new Isolation.Container(Bytes.empty());
    private static final Isolation.Apptainer WITHOUT_IMAGE = new Isolation.Apptainer(Bytes.empty());

    private final Bytes bytes;
    // all only accessed by the loop of the connection
    private @Nullable String text;
    private @Nullable Demand demand;
    private Isolation.@Nullable Jvm jvm;
    private Isolation.@Nullable Container container;
    private Isolation.@Nullable Apptainer apptainer;
    private Order.@Nullable Spec spec;

    private Kept(Bytes bytes) {
      this.bytes = bytes;
    }

    Bytes bytes() {
      return bytes;
    }

    /** Returns the text that it is. */
    String text() {
      if (this == NOTHING) {
        return "";
      }
      String known = text;
      if (known == null) {
        known = bytes.utf8();
        text = known;
      }
      return known;
    }

    /**
     * Returns the request that it is.
     *
     * @param in what reads it, for the message
     * @throws WireException if it is none
     */
    Demand demand(FrameReader in) throws WireException {
      Demand known = demand;
      if (known == null) {
        try {
          known = Demand.decode(bytes);
        } catch (IllegalArgumentException e) {
          throw in.malformed(
              "has a job with a request that is none (%s)".formatted(e.getMessage()));
        }
        demand = known;
      }
      return known;
    }

    /** Returns the isolation in the JVM that this describes. */
    Isolation.Jvm jvm() {
      if (this == NOTHING) {
        return OF_THE_NODE;
      }
      Isolation.Jvm known = jvm;
      if (known == null) {
        known = new Isolation.Jvm(bytes);
        jvm = known;
      }
      return known;
    }

    /** Returns the isolation with this setting. */
    Isolation.Container container() {
      if (this == NOTHING) {
        return WITHOUT_SETTING;
      }
      Isolation.Container known = container;
      if (known == null) {
        known = new Isolation.Container(bytes);
        container = known;
      }
      return known;
    }

    /** Returns the isolation by Apptainer with this setting. */
    Isolation.Apptainer apptainer() {
      if (this == NOTHING) {
        return WITHOUT_IMAGE;
      }
      Isolation.Apptainer known = apptainer;
      if (known == null) {
        known = new Isolation.Apptainer(bytes);
        apptainer = known;
      }
      return known;
    }

    /** Returns the spec of the order that had it as its function last; null for none. */
    Order.@Nullable Spec spec() {
      return spec;
    }

    void keep(Order.Spec made) {
      if (this != NOTHING) {
        spec = made;
      }
    }
  }

  /** The receiver's side of a direction. */
  static final class Receiver {
    private final @Nullable Kept[] slots;

    Receiver(int bound) {
      this.slots = new @Nullable Kept[bound];
    }

    Kept read(FrameReader in) throws WireException {
      long code = in.number();
      if (code == 0) {
        Bytes bytes = in.bytes();
        return bytes.isEmpty() ? Kept.NOTHING : new Kept(bytes);
      }
      long slot = (code - 1) / 2;
      if (code < 0 || slot >= slots.length) {
        throw in.malformed("names slot %s of %s".formatted(slot, slots.length));
      }
      Kept kept = code % 2 == 1 ? readToKeep(in) : slots[(int) slot];
      if (kept == null) {
        throw in.malformed("names slot %s, which is empty".formatted(slot));
      }
      slots[(int) slot] = kept;
      return kept;
    }

    private static Kept readToKeep(FrameReader in) throws WireException {
      Bytes bytes = in.bytes();
      if (bytes.length() > LONGEST) {
        throw in.malformed(
            "has %s bytes to be kept; at most %s are".formatted(bytes.length(), LONGEST));
      }
      return new Kept(bytes);
    }
  }
}
