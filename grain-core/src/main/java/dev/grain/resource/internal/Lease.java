package dev.grain.resource.internal;

import dev.grain.Allocation;
import dev.grain.resource.internal.Demand.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt holds of a node's {@link Slots}, from taking it until {@link #close()}.
 *
 * <p>It belongs to the owner of the slots, as they do.
 */
public final class Lease implements AutoCloseable {
  private static final int[] @Nullable [] NOTHING_LISTED = new int[0][];

  // all only accessed by the owner of the slots
  final Slots slots;
  final Demand demand;
  int[] cores = IndexedSlots.NO_POSITIONS;
  int[] gpus = IndexedSlots.NO_POSITIONS;
  // of each custom part of the demand the positions of its units, null if they have no ids
  int[] @Nullable [] listed = NOTHING_LISTED;
  int sharedCore = Fractions.UNNAMED;
  int sharedGpu = Fractions.UNNAMED;
  private boolean closed;

  Lease(Slots slots, Demand demand) {
    this.slots = slots;
    this.demand = demand;
  }

  /** Returns what was asked for. */
  public Demand demand() {
    return demand;
  }

  /** Returns the ids of the cores that it holds, shared ones too, ascending. */
  public List<Integer> cores() {
    if (demand.cpu == 0) {
      return List.of();
    }
    int[] positions = positions(cores, sharedCore);
    List<Integer> ids = new ArrayList<>(positions.length);
    for (int position : positions) {
      ids.add(slots.offer().core(position));
    }
    return ids;
  }

  /** Returns the ids of the GPUs that it holds, shared ones too, in the order of the offer. */
  public List<String> gpus() {
    if (demand.gpu == 0) {
      return List.of();
    }
    int[] positions = positions(gpus, sharedGpu);
    List<String> ids = new ArrayList<>(positions.length);
    for (int position : positions) {
      ids.add(slots.offer().gpus().get(position));
    }
    return ids;
  }

  /** Returns the ids that it holds of each custom kind that has some, in the order of the offer. */
  private Map<String, List<String>> listedIds() {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    for (int i = 0; i < listed.length; i++) {
      int[] positions = listed[i];
      if (positions != null) {
        Kind kind = demand.customs.get(i).kind();
        ids.put(
            kind.name(),
            Arrays.stream(positions)
                .sorted()
                .mapToObj(position -> slots.offer().id(kind, position))
                .toList());
      }
    }
    return ids;
  }

  /** Returns whether both are of one node, for equal requests, and hold the same ids. */
  public boolean holdsTheSame(Lease other) {
    return slots == other.slots
        && demand.equals(other.demand)
        && sharedCore == other.sharedCore
        && sharedGpu == other.sharedGpu
        && Arrays.equals(cores, other.cores)
        && Arrays.equals(gpus, other.gpus)
        && Arrays.deepEquals(listed, other.listed);
  }

  private static int[] positions(int[] wholes, int shared) {
    boolean shares = shared != Fractions.UNNAMED;
    int[] positions = Arrays.copyOf(wholes, wholes.length + (shares ? 1 : 0));
    if (shares) {
      positions[wholes.length] = shared;
    }
    Arrays.sort(positions);
    return positions;
  }

  /** Returns which core and which GPU it shares with others, and which units with ids it has. */
  public Fractions fractions() {
    return sharedCore == Fractions.UNNAMED
            && sharedGpu == Fractions.UNNAMED
            && gpus.length == 0
            && listed.length == 0
        ? Fractions.NONE
        : new Fractions(sharedCore, sharedGpu, units());
  }

  private List<Units> units() {
    List<Units> units = new ArrayList<>();
    if (gpus.length > 0) {
      units.add(new Units(Kind.GPU, ascending(gpus)));
    }
    for (int i = 0; i < listed.length; i++) {
      int[] positions = listed[i];
      if (positions != null) {
        units.add(new Units(demand.customs.get(i).kind(), ascending(positions)));
      }
    }
    return units;
  }

  private static List<Integer> ascending(int[] positions) {
    return Arrays.stream(positions).sorted().boxed().toList();
  }

  /** The node has reported that its job has started with what this lease has. */
  public void know() {
    if (gpus.length > 0 || listed.length > 0) {
      slots.know(this);
    }
  }

  /**
   * Returns what the job may know of it.
   *
   * @param node the name of the worker
   */
  public Allocation toAllocation(String node) {
    Map<String, Double> amounts = new LinkedHashMap<>();
    for (Part part : demand.parts()) {
      Kind kind = part.kind();
      if (kind.type() != Kind.Type.TAG && !kind.equals(Kind.MEMORY) && !kind.isHidden()) {
        amounts.put(kind.name(), Amounts.amount(kind, slots.cost(part)));
      }
    }
    return new Allocation(cores(), gpus(), demand.memory, amounts, listedIds(), node);
  }

  /**
   * Gives everything back.
   *
   * @throws IllegalStateException if it was closed before
   */
  @Override
  public void close() {
    if (closed) {
      throw new IllegalStateException("The lease of " + demand + " was closed before");
    }
    closed = true;
    slots.release(this);
  }

  /** Returns for example {@code cpu(2.5) on cores [0, 1, 2]}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(demand.toString());
    if (demand.cpu > 0) {
      text.append(" on cores ").append(cores());
    }
    if (demand.gpu > 0) {
      text.append(" on GPUs ").append(gpus());
    }
    listedIds().forEach((name, ids) -> text.append(" on ").append(name).append(' ').append(ids));
    return closed ? text.append(", closed").toString() : text.toString();
  }
}
