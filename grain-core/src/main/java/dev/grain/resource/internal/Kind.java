package dev.grain.resource.internal;

import org.jspecify.annotations.Nullable;

/**
 * A kind of resource, in which requests and offers are expressed.
 *
 * <p>The order is the one in which requests list their parts: cpu, memory, gpu, capacity, head,
 * then custom kinds by name, then tokens by name. The heap, the container engine and single units
 * by their ids are apart.
 *
 * <p>Implementation note: order and equality are written out. Those that the JDK puts together when
 * they are first used take a while for that, and each program and worker needs these at its start.
 *
 * @param name as users write it; custom kinds and tokens choose it themselves
 * @param type how it is taken
 */
public record Kind(String name, Type type) implements Comparable<Kind> {
  /** How a kind is taken. */
  public enum Type {
    /** Whole ids; a fraction comes from one id. */
    INDEXED,
    /** An amount without identity. */
    COUNTED,
    /** Present or not; jobs do not use it up. */
    TAG,
    /** The one unit of another kind that has this id. */
    UNIT
  }

  /** Units in one core, one GPU, or one of a custom kind. */
  public static final int WHOLE = 10_000;

  /** Cores, in ten-thousandths. */
  public static final Kind CPU = new Kind("cpu", Type.INDEXED);

  /** Memory, in bytes. */
  public static final Kind MEMORY = new Kind("memory", Type.COUNTED);

  /** GPUs, in ten-thousandths. */
  public static final Kind GPU = new Kind("gpu", Type.INDEXED);

  /** Job places, counted one by one. */
  public static final Kind CAPACITY = new Kind("capacity", Type.COUNTED);

  /**
   * Places for jobs that ask for nothing, counted one by one. Only the node of the head itself
   * offers them, so such jobs run only there.
   */
  public static final Kind HEAD = new Kind("head", Type.COUNTED);

  /**
   * The heap of the node's JVM, in bytes. A function that runs there takes as much of it as it
   * requests memory; nobody requests it by itself. Only a node whose memory does not fit in its
   * heap has a limit.
   */
  public static final Kind HEAP = new Kind("heap", Type.COUNTED);

  /**
   * A container engine, such as Docker. Jobs in containers run only on nodes that have one; nobody
   * requests it by itself. Its name is none that a user can give to a token.
   */
  public static final Kind ENGINE = new Kind("container engine", Type.TAG);

  /** Returns the kind of a user's own, counted in ten-thousandths. */
  public static Kind custom(String name) {
    return new Kind(name, Type.COUNTED);
  }

  /** Returns the kind of a token, of which a node has one unit or none. */
  public static Kind token(String name) {
    return new Kind(name, Type.TAG);
  }

  /** Returns the kind of which there is but one: the unit of a kind that has that id. */
  static Kind unit(Kind kind, String id) {
    return new Kind(kind.name + ':' + id, Type.UNIT);
  }

  /** Returns the name of the kind of which this is a unit. */
  String unitOf() {
    return name.substring(0, name.indexOf(':'));
  }

  /** Returns the id of this unit. */
  public String id() {
    return name.substring(name.indexOf(':') + 1);
  }

  /** Tells whether a user defined it: a custom kind, not a token. */
  public boolean isCustom() {
    return rank() == Rank.CUSTOM;
  }

  /** Returns whether users neither request it by name nor see how much there is. */
  public boolean isHidden() {
    return equals(HEAD) || equals(HEAP) || equals(ENGINE);
  }

  /** Tells whether few nodes have it, so that they are kept free for those who ask for it. */
  public boolean isScarce() {
    return rank() == Rank.GPU || isCustom();
  }

  /** Returns how many units are one of what a user writes: one core, one byte, one place. */
  public long unit() {
    return type == Type.INDEXED || isCustom() ? WHOLE : 1;
  }

  /** Returns the place in the order of kinds, which is also the kind's number in encoded form. */
  int rank() {
    return switch (type) {
      case TAG -> name.equals(ENGINE.name) ? Rank.ENGINE : Rank.TOKEN;
      case UNIT -> Rank.UNIT;
      case INDEXED -> name.equals(CPU.name) ? Rank.CPU : Rank.GPU;
      case COUNTED ->
          switch (name) {
            case "memory" -> Rank.MEMORY;
            case "capacity" -> Rank.CAPACITY;
            case "head" -> Rank.HEAD;
            case "heap" -> Rank.HEAP;
            default -> Rank.CUSTOM;
          };
    };
  }

  @Override
  public int compareTo(Kind other) {
    int ranks = Integer.compare(rank(), other.rank());
    return ranks == 0 ? name.compareTo(other.name) : ranks;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Kind that && type == that.type && name.equals(that.name));
  }

  @Override
  public int hashCode() {
    return name.hashCode(); // hardly two kinds differ in the type alone
  }

  @Override
  public String toString() {
    return switch (type) {
      case TAG -> isHidden() ? name : "token " + name;
      case UNIT -> unitOf() + " " + id();
      case INDEXED, COUNTED -> name;
    };
  }

  /** The values of {@link #rank()}; part of the encoded form, so they never change. */
  static final class Rank {
    static final int CPU = 0;
    static final int MEMORY = 1;
    static final int GPU = 2;
    static final int CAPACITY = 3;
    static final int HEAD = 4;
    static final int CUSTOM = 5;
    static final int TOKEN = 6;
    static final int HEAP = 7;

    // no part of the encoded form
    static final int UNIT = 8;
    static final int ENGINE = 9;

    private Rank() {}
  }
}
