package dev.grain.resource.internal;

import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one implementation of a request: amounts by kind, in exact units, which units if certain ones
 * are asked for, and a wall time.
 *
 * <p>A request that names no kind asks for one of {@link Kind#HEAD}; so does one that has only a
 * wall time.
 *
 * <p>Where its job runs decides whether its memory is also a part of the heap there: see {@link
 * #inHeap()}; a job {@link #inContainer()} also needs a container engine. Neither is a part of the
 * request that people see, nor of its bytes.
 */
public final class Demand implements Resource {
  private static final Duration MAX_WALL_TIME = Duration.ofDays(3650);

  /** So many kinds may be in a request that it always fits in a message. */
  private static final int MAX_KINDS = 1000;

  private static final Part ONE_HEAD_PLACE = new Part(Kind.HEAD, 1);
  private static final Part AN_ENGINE = new Part(Kind.ENGINE, 1);

  /** Asks for nothing but a place on the head's own node. */
  public static final Demand NONE = new Demand(List.of(), List.of(), null, Place.ANY);

  /** Where the job runs, as far as that takes more than what is requested. */
  private enum Place {
    ANY,
    /** In the JVM of the node, and so in its heap. */
    HEAP,
    CONTAINER
  }

  private final List<Part> parts;
  private final List<Kind> units;
  private final List<Part> needs;
  private final @Nullable WallTime wallTime;
  // the parts again, in the form that taking slots reads
  final long cpu;
  final long memory;
  final long gpu;
  final long capacity;
  final long head;
  final long heap;
  final boolean engine;
  final List<Part> customs;
  final List<Part> tokens;
  private final int hash;
  // made when it is asked for, by any thread, and the same whoever makes it
  private @Nullable Bytes encoded;
  // the same, and the same object for all, unless two threads make it at the same time
  private @Nullable Demand twinInHeap;
  private @Nullable Demand twinInContainer;

  /**
   * Makes a request.
   *
   * @param named in the order of kinds, each once
   * @param units all or none of those of which a part is, by kind and id
   */
  private Demand(List<Part> named, List<Kind> units, @Nullable WallTime wallTime, Place place) {
    this.parts = named.isEmpty() ? List.of(ONE_HEAD_PLACE) : List.copyOf(named);
    this.units = List.copyOf(units);
    this.heap = find(place == Place.HEAP ? Kind.MEMORY : Kind.HEAP);
    this.engine = place == Place.CONTAINER;
    this.needs = needs(parts, place == Place.HEAP ? heap : 0, engine, units);
    this.wallTime = wallTime;
    this.cpu = find(Kind.CPU);
    this.memory = find(Kind.MEMORY);
    this.gpu = find(Kind.GPU);
    this.capacity = find(Kind.CAPACITY);
    this.head = find(Kind.HEAD);
    this.customs = parts(Kind.Rank.CUSTOM);
    this.tokens = parts(Kind.Rank.TOKEN);
    this.hash =
        31 * (31 * parts.hashCode() + units.hashCode())
            + Objects.hashCode(wallTime)
            + Long.hashCode(heap)
            + Boolean.hashCode(engine);
  }

  private static List<Part> needs(List<Part> parts, long heap, boolean engine, List<Kind> units) {
    if (units.isEmpty() && heap == 0 && !engine) {
      return parts;
    }
    List<Part> all = new ArrayList<>(parts);
    if (heap > 0) {
      all.add(new Part(Kind.HEAP, heap));
    }
    if (engine) {
      all.add(AN_ENGINE);
    }
    units.forEach(unit -> all.add(new Part(unit, 1)));
    return List.copyOf(all);
  }

  private List<Part> parts(int rank) {
    List<Part> found = List.of();
    for (Part part : parts) {
      if (part.kind().rank() == rank) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(part);
      }
    }
    return List.copyOf(found);
  }

  /** Returns the request for that many units of one kind. */
  public static Demand of(Kind kind, long amount) {
    assert amount > 0 : kind;
    return new Demand(List.of(new Part(kind, amount)), List.of(), null, Place.ANY);
  }

  /** Returns the request for the units of a kind that have these ids. */
  static Demand of(Kind kind, Ids ids) {
    if (ids.size() > MAX_KINDS) {
      throw new IllegalArgumentException(
          "%s ids; a request may list %s".formatted(ids.size(), MAX_KINDS));
    }
    List<Kind> units = ids.list().stream().map(id -> Kind.unit(kind, id)).toList();
    return new Demand(
        List.of(new Part(kind, (long) ids.size() * Kind.WHOLE)), units, null, Place.ANY);
  }

  /**
   * Returns the request for GPUs by their ids.
   *
   * @throws IllegalArgumentException if it is not a list of ids
   */
  public static Demand ofGpuIds(String ids) {
    return ofIds("gpuIds(\"" + shown(ids) + "\")", Kind.GPU, ids, Offer.MAX_GPU_ID_LENGTH);
  }

  /**
   * Returns the request for units of a custom kind by their ids.
   *
   * @throws IllegalArgumentException if it is not a list of ids, or the name is malformed
   */
  public static Demand ofCustomIds(String name, String ids) {
    Names.ensureFree("customIds", name);
    String call = "customIds(\"" + name + "\", \"" + shown(ids) + "\")";
    return ofIds(call, Kind.custom(name), ids, Ids.MAX_LENGTH);
  }

  private static Demand ofIds(String call, Kind kind, String ids, int max) {
    try {
      return of(kind, Ids.parse(ids, max));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(call + ": " + e.getMessage(), e);
    }
  }

  private static String shown(String ids) {
    return ids.length() > 60 ? ids.substring(0, 60) + "..." : ids;
  }

  /** Returns the request for these parts, which are in the order of kinds, each once. */
  static Demand of(List<Part> parts) {
    return new Demand(parts, List.of(), null, Place.ANY);
  }

  /**
   * Returns what the resource asks for.
   *
   * @throws IllegalArgumentException if it is an implementation of somebody else
   */
  public static Demand of(Resource resource) {
    if (resource instanceof Demand demand) {
      return demand;
    }
    throw new IllegalArgumentException(
        resource.getClass().getName()
            + " implements Resource itself, which is not supported; use the factory methods "
            + "of Resources");
  }

  /**
   * Returns the request with a wall time and nothing else.
   *
   * @throws IllegalArgumentException if a limit is out of range or they are the wrong way round
   */
  public static Demand ofWallTime(Duration soft, Duration hard) {
    WallTime wallTime = new WallTime(soft, hard);
    if (!soft.isPositive() || !hard.isPositive()) {
      throw new IllegalArgumentException(wallTime + ": a limit must be above zero");
    }
    if (soft.compareTo(hard) > 0) {
      throw new IllegalArgumentException(
          wallTime + ": the soft limit is above the hard one; give the shorter one first");
    }
    if (hard.compareTo(MAX_WALL_TIME) > 0) {
      throw new IllegalArgumentException(
          wallTime
              + ": more than "
              + MAX_WALL_TIME.toDays()
              + " days; leave wallTime out if there is no limit");
    }
    return new Demand(List.of(), List.of(), wallTime, Place.ANY);
  }

  @Override
  public Demand and(Resource other) {
    Demand that = of(other);
    Map<Kind, Part> joined = new TreeMap<>();
    Stream.concat(parts.stream(), that.parts.stream())
        .filter(part -> !part.kind().equals(Kind.HEAD))
        .forEach(part -> {
          Part before = joined.putIfAbsent(part.kind(), part);
          if (before != null) {
            throw twice(text(before), that.text(part), before.kind());
          }
        });
    if (joined.size() > MAX_KINDS) {
      throw new IllegalArgumentException(
          "A request for %s kinds; at most %s are possible".formatted(joined.size(), MAX_KINDS));
    }
    List<Kind> bothUnits = Stream.concat(units.stream(), that.units.stream()).toList();
    if (bothUnits.size() > MAX_KINDS) {
      throw new IllegalArgumentException(
          "A request for %s ids; at most %s are possible".formatted(bothUnits.size(), MAX_KINDS));
    }
    List<Kind> bySize = new ArrayList<>();
    for (Kind kind : joined.keySet()) {
      bothUnits.stream().filter(unit -> unit.unitOf().equals(kind.name())).forEach(bySize::add);
    }
    if (wallTime != null && that.wallTime != null) {
      throw twice(wallTime, that.wallTime, "wall time");
    }
    return new Demand(
        List.copyOf(joined.values()),
        bySize,
        wallTime == null ? that.wallTime : wallTime,
        Place.ANY);
  }

  /**
   * Returns the request of a function that runs in the JVM of the node: it takes its memory from
   * the node's memory and also from its heap. Mostly the same object for each call.
   */
  public Demand inHeap() {
    if (memory == 0 || heap > 0) {
      return this;
    }
    Demand known = twinInHeap;
    if (known == null) {
      known = new Demand(parts, units, wallTime, Place.HEAP);
      twinInHeap = known;
    }
    return known;
  }

  /**
   * Returns the request of a job that runs in a container: it needs a node with a container engine,
   * and does not use that up. Mostly the same object for each call.
   */
  public Demand inContainer() {
    if (engine) {
      return this;
    }
    Demand known = twinInContainer;
    if (known == null) {
      known = new Demand(parts, units, wallTime, Place.CONTAINER);
      twinInContainer = known;
    }
    return known;
  }

  /** Returns whether it is for a job in a container. */
  public boolean needsEngine() {
    return engine;
  }

  private static IllegalArgumentException twice(Object first, Object second, Object kind) {
    return new IllegalArgumentException(
        "%s and %s: both request %s; name each kind once, with the sum of both amounts"
            .formatted(first, second, kind));
  }

  /** Returns the units asked for of the kind, 0 if none. */
  public long amount(Kind kind) {
    return switch (kind.rank()) {
      case Kind.Rank.CPU -> cpu;
      case Kind.Rank.MEMORY -> memory;
      case Kind.Rank.GPU -> gpu;
      case Kind.Rank.CAPACITY -> capacity;
      case Kind.Rank.HEAD -> head;
      case Kind.Rank.HEAP -> heap;
      case Kind.Rank.ENGINE -> engine ? 1 : 0;
      default -> find(kind);
    };
  }

  private long find(Kind kind) {
    for (Part part : parts) {
      if (part.kind().equals(kind)) {
        return part.amount();
      }
    }
    return 0;
  }

  /**
   * Returns what it asks for, in the order of kinds, each once; never empty, and without the heap
   * and a container engine.
   */
  public List<Part> parts() {
    return parts;
  }

  /**
   * Returns what must be free for it: its parts, then what it takes of the heap or a container
   * engine, and then one of each unit that it asks for by id.
   */
  public List<Part> needs() {
    return needs;
  }

  /** Returns the ids that it asks for of the kind; none if any will do. */
  public List<String> ids(Kind kind) {
    return units.isEmpty()
        ? List.of()
        : units.stream().filter(unit -> unit.unitOf().equals(kind.name())).map(Kind::id).toList();
  }

  /** Returns the units that it asks for by their ids and that are not offered. */
  public List<Kind> missing(Offer offer) {
    return units.stream().filter(unit -> offer.amount(unit) == 0).toList();
  }

  /** Returns whether nothing but the heap keeps its job from ever running on such a node. */
  public boolean exceedsOnlyHeap(Offer offer) {
    return heap > offer.heap()
        && needs.stream()
            .allMatch(part ->
                part.kind().equals(Kind.HEAP) || part.amount() <= offer.amount(part.kind()));
  }

  /** Returns whether it asks for certain units. */
  public boolean hasIds() {
    return !units.isEmpty();
  }

  /** Returns the time that must be left on a worker for the job to start there, or null. */
  public @Nullable Duration softWallTime() {
    return wallTime == null ? null : wallTime.soft;
  }

  /** Returns the time after which the job is ended, or null. */
  public @Nullable Duration hardWallTime() {
    return wallTime == null ? null : wallTime.hard;
  }

  /**
   * Returns the request as bytes, the same for equal requests; the same object for each call. What
   * it takes of the heap is not in them, nor whether it needs a container engine, as both follow
   * from the work of the job.
   */
  public Bytes encode() {
    Bytes known = encoded;
    if (known == null) {
      known = encodeAnew();
      encoded = known;
    }
    return known;
  }

  private Bytes encodeAnew() {
    Encoder encoder = new Encoder();
    List<Part> named = head > 0 ? List.of() : parts;
    encoder.parts(named);
    encoder.number(wallTime == null ? 0 : wallTime.soft.toNanos());
    encoder.number(wallTime == null ? 0 : wallTime.hard.toNanos());
    encodeIds(encoder);
    return encoder.toBytes();
  }

  private void encodeIds(Encoder encoder) {
    List<Kind> listed =
        parts.stream().map(Part::kind).filter(kind -> !ids(kind).isEmpty()).toList();
    if (!listed.isEmpty()) {
      encoder.number(listed.size());
    }
    for (Kind kind : listed) {
      encoder.text(kind.isCustom() ? kind.name() : "");
      encoder.text(Ids.toString(ids(kind)));
    }
  }

  /**
   * Returns the request that {@link #encode()} made these bytes of.
   *
   * @throws IllegalArgumentException if they are malformed
   */
  public static Demand decode(Bytes bytes) {
    Decoder decoder = new Decoder("request", bytes);
    List<Part> named = decoder.parts();
    for (Part part : named) {
      decoder.ensure(!part.kind().isHidden(), "nobody requests " + part.kind());
    }
    long soft = decoder.number(MAX_WALL_TIME.toNanos());
    long hard = decoder.number(MAX_WALL_TIME.toNanos());
    decoder.ensure(soft <= hard && (soft > 0 || hard == 0), "the limits of the wall time");
    List<Kind> units = decoder.atEnd() ? List.of() : units(named, decoder);
    decoder.ensureEnd();
    return new Demand(
        named,
        units,
        hard == 0 ? null : new WallTime(Duration.ofNanos(soft), Duration.ofNanos(hard)),
        Place.ANY);
  }

  private static List<Kind> units(List<Part> named, Decoder decoder) {
    List<Kind> units = new ArrayList<>();
    Kind before = Kind.CPU;
    int count = decoder.count();
    decoder.ensure(count > 0, "something comes after the end");
    for (int left = count; left > 0; left--) {
      Kind kind = decoder.unitKind();
      decoder.ensure(before.compareTo(kind) < 0, "the kinds of the ids are out of order");
      before = kind;
      Ids ids = Ids.decode(decoder, kind.isCustom() ? Ids.MAX_LENGTH : Offer.MAX_GPU_ID_LENGTH);
      decoder.ensure(
          named.contains(new Part(kind, (long) ids.size() * Kind.WHOLE)),
          "ids that are not as many as requested");
      ids.list().forEach(id -> units.add(Kind.unit(kind, id)));
      decoder.ensure(units.size() <= MAX_KINDS, "too many ids");
    }
    return units;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Demand that
            && hash == that.hash
            && heap == that.heap
            && engine == that.engine
            && parts.equals(that.parts)
            && units.equals(that.units)
            && Objects.equals(wallTime, that.wallTime));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Returns it as a user reads it, for example {@code cpu(3) and memory(8GiB)}. */
  @Override
  public String toString() {
    String named = parts.stream().map(this::text).collect(Collectors.joining(" and "));
    if (wallTime == null) {
      return named;
    }
    return head > 0 ? wallTime.toString() : named + " and " + wallTime;
  }

  private String text(Part part) {
    List<String> ids = ids(part.kind());
    if (ids.isEmpty()) {
      return part.toString();
    }
    return part.kind().isCustom()
        ? "customIds(\"" + part.kind().name() + "\", \"" + Ids.toString(ids) + "\")"
        : "gpuIds(\"" + Ids.toString(ids) + "\")";
  }

  /** The limits of a request. */
  private record WallTime(Duration soft, Duration hard) {
    @Override
    public String toString() {
      return soft.equals(hard)
          ? "wallTime(" + Durations.readable(hard) + ")"
          : "wallTime(" + Durations.readable(soft) + ", " + Durations.readable(hard) + ")";
    }
  }

  /**
   * How much a request asks for, or a node has, of one kind.
   *
   * <p>Implementation note: equality is written out for the reason that {@link Kind} has.
   *
   * @param kind the kind
   * @param amount in the units of the kind, above 0
   */
  public record Part(Kind kind, long amount) {
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other
          || (other instanceof Part that && amount == that.amount && kind.equals(that.kind));
    }

    @Override
    public int hashCode() {
      return 31 * kind.hashCode() + Long.hashCode(amount);
    }

    /** Returns it as a user writes it, for example {@code cpu(2.5)}. */
    @Override
    public String toString() {
      return switch (kind.rank()) {
        case Kind.Rank.MEMORY -> "memory(" + Amounts.exactMemory(amount) + ")";
        case Kind.Rank.CAPACITY -> "capacity(" + amount + ")";
        case Kind.Rank.HEAD -> "none()";
        case Kind.Rank.CUSTOM ->
            "custom(\"" + kind.name() + "\", " + Amounts.decimalUnits(amount) + ")";
        case Kind.Rank.TOKEN -> "token(\"" + kind.name() + "\")";
        default -> kind.name() + "(" + Amounts.decimalUnits(amount) + ")";
      };
    }
  }
}
