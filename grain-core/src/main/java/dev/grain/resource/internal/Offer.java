package dev.grain.resource.internal;

import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a node has for jobs; immutable.
 *
 * <p>It starts from {@link #EMPTY} and grows by the {@code with} methods, or is made of what a user
 * declares by {@link #of(Resource, Offer)}.
 */
public final class Offer {
  /** As many job places, or as much heap, as anybody asks for. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Has nothing, and sets no limit to the number of jobs. */
  public static final Offer EMPTY =
      new Offer(
          new int[0],
          List.of(),
          0,
          UNLIMITED,
          0,
          UNLIMITED,
          false,
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeSet<>());

  private static final int MAX_CORE_ID = 10_000_000;

  /** The most characters of the id of a GPU. */
  static final int MAX_GPU_ID_LENGTH = 200;

  private final int[] cores;
  private final List<String> gpus;
  private final long memory;
  private final long capacity;
  private final long headPlaces;
  private final long heap;
  private final boolean engine;
  private final SortedMap<String, Long> customs;
  // of those customs that have ids
  private final SortedMap<String, Ids> ids;
  private final SortedSet<String> tokens;

  private Offer(
      int[] cores,
      List<String> gpus,
      long memory,
      long capacity,
      long headPlaces,
      long heap,
      boolean engine,
      SortedMap<String, Long> customs,
      SortedMap<String, Ids> ids,
      SortedSet<String> tokens) {
    this.cores = cores;
    this.gpus = gpus;
    this.memory = memory;
    this.capacity = capacity;
    this.headPlaces = headPlaces;
    this.heap = heap;
    this.engine = engine;
    this.customs = customs;
    this.ids = ids;
    this.tokens = tokens;
  }

  /**
   * Returns the offer that a user declares for a machine: the kinds that are declared and no
   * others.
   *
   * <p>Ids of cores and GPUs are the detected ones first; if more are declared than were found, the
   * lowest numbers that are not taken follow. Job places are unlimited unless declared. Places for
   * jobs that ask for nothing are not declared but set by {@link #withHeadPlaces}.
   *
   * @param declared whole numbers of cores and GPUs, no wall time
   * @param detected what was found on the machine
   * @throws IllegalArgumentException if {@code declared} is not fit for an offer
   */
  public static Offer of(Resource declared, Offer detected) {
    Demand demand = ensureDeclarable(declared);
    Offer offer =
        EMPTY
            .withCores(extend(detected.cores, wholes(demand, Kind.CPU)))
            .withGpus(gpus(demand, detected))
            .withMemory(demand.memory)
            .withCapacity(demand.capacity == 0 ? UNLIMITED : demand.capacity);
    for (Part custom : demand.customs) {
      List<String> listed = demand.ids(custom.kind());
      offer =
          listed.isEmpty()
              ? offer.withCustom(custom.kind().name(), custom.amount())
              : offer.withIds(custom.kind().name(), Ids.of(listed, Ids.MAX_LENGTH));
    }
    for (Part token : demand.tokens) {
      offer = offer.withToken(token.kind().name());
    }
    return offer;
  }

  private static List<String> gpus(Demand declared, Offer detected) {
    List<String> listed = declared.ids(Kind.GPU);
    return listed.isEmpty() ? extend(detected.gpus, wholes(declared, Kind.GPU)) : listed;
  }

  private static Demand ensureDeclarable(Resource declared) {
    Demand demand = Demand.of(declared);
    if (demand.hardWallTime() != null) {
      throw new IllegalArgumentException(
          demand + ": a wall time belongs to a job; it cannot be declared for a worker");
    }
    ensureWhole(demand, Kind.CPU, "cores");
    ensureWhole(demand, Kind.GPU, "GPUs");
    return demand;
  }

  private static void ensureWhole(Demand demand, Kind kind, String plural) {
    long units = demand.amount(kind);
    if (units % Kind.WHOLE != 0) {
      long below = units / Kind.WHOLE;
      String either = below == 0 ? "" : kind + "(" + below + ") or ";
      throw new IllegalArgumentException(
          "%s: a worker has whole %s; declare %s%s(%s)"
              .formatted(demand, plural, either, kind, below + 1));
    }
  }

  private static int wholes(Demand demand, Kind kind) {
    return (int) (demand.amount(kind) / Kind.WHOLE);
  }

  private static int[] extend(int[] found, int count) {
    int[] ids = Arrays.copyOf(found, count);
    BitSet taken = new BitSet();
    Arrays.stream(found).forEach(taken::set);
    int next = 0;
    for (int i = found.length; i < count; i++) {
      next = taken.nextClearBit(next);
      ids[i] = next++;
    }
    return ids;
  }

  private static List<String> extend(List<String> found, int count) {
    List<String> ids = new ArrayList<>(found.subList(0, Math.min(found.size(), count)));
    for (int next = 0; ids.size() < count; next++) {
      String id = Integer.toString(next);
      if (!found.contains(id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  /**
   * Returns the smaller of this and the given bound, for the kinds that the bound names; the others
   * are unchanged.
   *
   * @param perWorker whole numbers of cores and GPUs, no wall time
   * @throws IllegalArgumentException if {@code perWorker} is not fit for a bound
   */
  public Offer bounded(Resource perWorker) {
    Demand bound = ensureDeclarable(perWorker);
    SortedMap<String, Long> smaller = new TreeMap<>(customs);
    SortedMap<String, Ids> fewer = new TreeMap<>(ids);
    for (Part custom : bound.customs) {
      String name = custom.kind().name();
      Ids left = fewer.computeIfPresent(name, (_, all) -> bounded(all, custom, bound));
      smaller.computeIfPresent(
          name,
          (_, amount) ->
              left == null ? Math.min(amount, custom.amount()) : (long) left.size() * Kind.WHOLE);
      if (left != null && left.size() == 0) {
        fewer.remove(name);
        smaller.remove(name);
      }
    }
    return new Offer(
        bound.cpu == 0
            ? cores
            : Arrays.copyOf(cores, Math.min(cores.length, wholes(bound, Kind.CPU))),
        bound.gpu == 0 ? gpus : boundedGpus(bound),
        smaller(memory, bound.memory),
        smaller(capacity, bound.capacity),
        headPlaces,
        heap,
        engine,
        smaller,
        fewer,
        tokens);
  }

  private List<String> boundedGpus(Demand bound) {
    List<String> listed = bound.ids(Kind.GPU);
    return listed.isEmpty()
        ? List.copyOf(gpus.subList(0, Math.min(gpus.size(), wholes(bound, Kind.GPU))))
        : gpus.stream().filter(listed::contains).toList();
  }

  private static Ids bounded(Ids all, Part custom, Demand bound) {
    List<String> listed = bound.ids(custom.kind());
    return listed.isEmpty()
        ? all.first(custom.amount() / Kind.WHOLE)
        : all.among(Ids.of(listed, Ids.MAX_LENGTH));
  }

  private static long smaller(long amount, long bound) {
    return bound == 0 ? amount : Math.min(amount, bound);
  }

  /**
   * Returns this offer with these cores in place of those it had.
   *
   * @param ids from 0 to 10,000,000, each once, in any order
   */
  public Offer withCores(int... ids) {
    int[] sorted = ids.clone();
    Arrays.sort(sorted);
    int before = -1;
    for (int id : sorted) {
      if (id <= before || id > MAX_CORE_ID) {
        throw new IllegalArgumentException(
            "%s: the ids of cores must be distinct, from 0 to %s"
                .formatted(Arrays.toString(ids), MAX_CORE_ID));
      }
      before = id;
    }
    return new Offer(
        sorted, gpus, memory, capacity, headPlaces, heap, engine, customs, this.ids, tokens);
  }

  /**
   * Returns this offer with these GPUs in place of those it had.
   *
   * @param ids as {@code CUDA_VISIBLE_DEVICES} takes them, each once; their order is kept
   */
  public Offer withGpus(List<String> ids) {
    Set<String> distinct = new HashSet<>();
    for (String id : ids) {
      if (id.isBlank() || id.length() > MAX_GPU_ID_LENGTH || !distinct.add(id)) {
        throw new IllegalArgumentException(
            "%s: the ids of GPUs must be distinct, of 1 to %s characters"
                .formatted(ids, MAX_GPU_ID_LENGTH));
      }
    }
    return new Offer(
        cores,
        List.copyOf(ids),
        memory,
        capacity,
        headPlaces,
        heap,
        engine,
        customs,
        this.ids,
        tokens);
  }

  /**
   * Returns this offer with that much memory.
   *
   * @param bytes not negative
   */
  public Offer withMemory(long bytes) {
    ensureNotNegative("memory", bytes);
    return new Offer(cores, gpus, bytes, capacity, headPlaces, heap, engine, customs, ids, tokens);
  }

  /**
   * Returns this offer with that many job places.
   *
   * @param places not negative, or {@link #UNLIMITED}
   */
  public Offer withCapacity(long places) {
    ensureNotNegative("capacity", places);
    return new Offer(cores, gpus, memory, places, headPlaces, heap, engine, customs, ids, tokens);
  }

  /**
   * Returns this offer with that many places for jobs that ask for nothing.
   *
   * @param places not negative
   */
  public Offer withHeadPlaces(long places) {
    ensureNotNegative("head places", places);
    return new Offer(cores, gpus, memory, capacity, places, heap, engine, customs, ids, tokens);
  }

  /**
   * Returns this offer with a limit for what functions in the JVM of the node hold of its heap.
   * Without one, they may hold all of the memory.
   *
   * @param bytes not negative, or {@link #UNLIMITED}
   */
  public Offer withHeap(long bytes) {
    ensureNotNegative("heap", bytes);
    return new Offer(
        cores, gpus, memory, capacity, headPlaces, bytes, engine, customs, ids, tokens);
  }

  /** Returns this offer with a container engine, or without one. */
  public Offer withEngine(boolean present) {
    return new Offer(
        cores, gpus, memory, capacity, headPlaces, heap, present, customs, ids, tokens);
  }

  /**
   * Returns this offer with that much of a custom kind.
   *
   * @param units in ten-thousandths, above 0
   */
  public Offer withCustom(String name, long units) {
    Names.ensureFree("custom", name);
    if (units <= 0) {
      throw new IllegalArgumentException(name + ": " + units + " units; offer more than none");
    }
    SortedMap<String, Long> more = new TreeMap<>(customs);
    SortedMap<String, Ids> fewer = new TreeMap<>(ids);
    more.put(name, units);
    fewer.remove(name);
    return new Offer(cores, gpus, memory, capacity, headPlaces, heap, engine, more, fewer, tokens);
  }

  /** Returns this offer with the units of a custom kind that have these ids. */
  public Offer withIds(String name, Ids listed) {
    Names.ensureFree("custom", name);
    SortedMap<String, Long> amounts = new TreeMap<>(customs);
    SortedMap<String, Ids> more = new TreeMap<>(ids);
    amounts.put(name, (long) listed.size() * Kind.WHOLE);
    more.put(name, listed);
    return new Offer(
        cores, gpus, memory, capacity, headPlaces, heap, engine, amounts, more, tokens);
  }

  /** Returns this offer with that token. */
  public Offer withToken(String name) {
    Names.ensureFree("token", name);
    SortedSet<String> more = new TreeSet<>(tokens);
    more.add(name);
    return new Offer(cores, gpus, memory, capacity, headPlaces, heap, engine, customs, ids, more);
  }

  private static void ensureNotNegative(String what, long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException(what + ": " + amount + " is negative");
    }
  }

  /** Returns the ids of the cores, ascending; a copy. */
  public int[] cores() {
    return cores.clone();
  }

  /** Returns the id of the core at a position, counted from 0 in ascending order. */
  int core(int position) {
    return cores[position];
  }

  /** Returns the number of cores. */
  public int coreCount() {
    return cores.length;
  }

  /** Returns the ids of the GPUs. */
  public List<String> gpus() {
    return gpus;
  }

  /** Returns the memory in bytes. */
  public long memory() {
    return memory;
  }

  /** Returns the number of job places, or {@link #UNLIMITED}. */
  public long capacity() {
    return capacity;
  }

  /** Returns the number of places for jobs that ask for nothing. */
  public long headPlaces() {
    return headPlaces;
  }

  /** Returns the bytes of heap for functions in the JVM of the node, or {@link #UNLIMITED}. */
  public long heap() {
    return heap;
  }

  /** Returns whether it has a container engine. */
  public boolean hasEngine() {
    return engine;
  }

  /** Returns whether functions are limited by the heap and not by the memory alone. */
  boolean boundsHeap() {
    return heap != UNLIMITED;
  }

  /** Returns the units of each custom kind by its name. */
  public SortedMap<String, Long> customs() {
    return Collections.unmodifiableSortedMap(customs);
  }

  /** Returns the ids of each custom kind whose units have some, by its name. */
  public SortedMap<String, Ids> ids() {
    return Collections.unmodifiableSortedMap(ids);
  }

  /** Returns the position of a unit that a request names, or -1 if it is not offered. */
  int position(Kind unit) {
    return position(unit.unitOf(), unit.id());
  }

  /** Returns the position of the unit of a kind that has that id, or -1 if it is not offered. */
  int position(Kind kind, String id) {
    return position(kind.name(), id);
  }

  private int position(String kind, String id) {
    if (kind.equals(Kind.GPU.name())) {
      return gpus.indexOf(id);
    }
    Ids listed = ids.get(kind);
    return listed == null ? -1 : listed.position(id);
  }

  /** Returns the id of the unit of a custom kind at a position. */
  String id(Kind kind, int position) {
    return Objects.requireNonNull(ids.get(kind.name())).list().get(position);
  }

  /** Returns the tokens. */
  public SortedSet<String> tokens() {
    return Collections.unmodifiableSortedSet(tokens);
  }

  /** Returns the units that it has of the kind, 0 if none. */
  public long amount(Kind kind) {
    return switch (kind.rank()) {
      case Kind.Rank.CPU -> (long) cores.length * Kind.WHOLE;
      case Kind.Rank.MEMORY -> memory;
      case Kind.Rank.GPU -> (long) gpus.size() * Kind.WHOLE;
      case Kind.Rank.CAPACITY -> capacity;
      case Kind.Rank.HEAD -> headPlaces;
      case Kind.Rank.HEAP -> heap;
      case Kind.Rank.ENGINE -> engine ? 1 : 0;
      case Kind.Rank.TOKEN -> tokens.contains(kind.name()) ? 1 : 0;
      case Kind.Rank.UNIT -> position(kind) >= 0 ? 1 : 0;
      default -> customs.getOrDefault(kind.name(), 0L);
    };
  }

  /**
   * Returns the kinds that it has something of, in their order; the heap only if it has a limit.
   */
  public List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (Kind kind : List.of(Kind.CPU, Kind.MEMORY, Kind.GPU, Kind.CAPACITY, Kind.HEAD)) {
      if (amount(kind) > 0) {
        kinds.add(kind);
      }
    }
    customs.keySet().forEach(name -> kinds.add(Kind.custom(name)));
    tokens.forEach(name -> kinds.add(Kind.token(name)));
    if (boundsHeap()) {
      kinds.add(Kind.HEAP);
    }
    if (engine) {
      kinds.add(Kind.ENGINE);
    }
    return kinds;
  }

  /** Returns the offer as bytes, the same for equal offers. */
  public Bytes encode() {
    Encoder encoder = new Encoder();
    encoder.number(cores.length);
    int before = -1;
    for (int id : cores) {
      encoder.number(id - before - 1);
      before = id;
    }
    encoder.number(gpus.size());
    gpus.forEach(encoder::text);
    encoder.number(memory);
    encoder.number(capacity);
    encoder.number(headPlaces);
    encoder.number(customs.size());
    customs.forEach((name, units) -> {
      Ids listed = ids.get(name);
      encoder.text(name);
      // an amount of zero announces ids
      encoder.number(listed == null ? units : 0);
      if (listed != null) {
        encoder.text(listed.toString());
      }
    });
    encoder.number(tokens.size());
    tokens.forEach(encoder::text);
    if (boundsHeap() || engine) {
      encoder.number(heap);
    }
    if (engine) {
      encoder.number(1);
    }
    return encoder.toBytes();
  }

  /**
   * Returns the offer that {@link #encode()} made these bytes of.
   *
   * @throws IllegalArgumentException if they are malformed
   */
  public static Offer decode(Bytes bytes) {
    Decoder decoder = new Decoder("offer", bytes);
    int[] cores = new int[decoder.count()];
    int before = -1;
    for (int i = 0; i < cores.length; i++) {
      before = (int) (before + 1 + decoder.number(MAX_CORE_ID - before - 1));
      cores[i] = before;
    }
    List<String> gpus = new ArrayList<>();
    for (int left = decoder.count(); left > 0; left--) {
      gpus.add(decoder.text(MAX_GPU_ID_LENGTH));
    }
    long memory = decoder.number(Long.MAX_VALUE);
    long capacity = decoder.number(UNLIMITED);
    long headPlaces = decoder.number(Long.MAX_VALUE);
    TreeMap<String, Long> customs = new TreeMap<>();
    TreeMap<String, Ids> ids = new TreeMap<>();
    for (int left = decoder.count(); left > 0; left--) {
      String name = decoder.name("custom", customs.isEmpty() ? "" : customs.lastKey());
      long units = decoder.number(Long.MAX_VALUE);
      if (units == 0) {
        Ids listed = Ids.decode(decoder, Ids.MAX_LENGTH);
        ids.put(name, listed);
        units = (long) listed.size() * Kind.WHOLE;
      }
      customs.put(name, units);
    }
    TreeSet<String> tokens = new TreeSet<>();
    for (int left = decoder.count(); left > 0; left--) {
      tokens.add(decoder.name("token", tokens.isEmpty() ? "" : tokens.last()));
    }
    boolean limitsHeap = !decoder.atEnd();
    long heap = decoder.atEnd() ? UNLIMITED : decoder.number(UNLIMITED);
    boolean engine = !decoder.atEnd() && decoder.amount(1) == 1;
    decoder.ensure(heap != UNLIMITED || engine || !limitsHeap, "no limit of the heap");
    decoder.ensureEnd();
    return new Offer(
            cores, List.of(), memory, capacity, headPlaces, heap, engine, customs, ids, tokens)
        .withGpus(gpus);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Offer that
        && Arrays.equals(cores, that.cores)
        && gpus.equals(that.gpus)
        && memory == that.memory
        && capacity == that.capacity
        && headPlaces == that.headPlaces
        && heap == that.heap
        && engine == that.engine
        && customs.equals(that.customs)
        && ids.equals(that.ids)
        && tokens.equals(that.tokens);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        Arrays.hashCode(cores),
        gpus,
        memory,
        capacity,
        headPlaces,
        heap,
        engine,
        customs,
        ids,
        tokens);
  }

  /**
   * Returns it for people, for example {@code 4 cores, 12 GiB, 1 GPU, licence}, without the heap
   * and the container engine.
   */
  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    addCounted(words, cores.length, "core", "cores");
    if (memory > 0) {
      words.add(Amounts.readableMemory(memory));
    }
    addCounted(words, gpus.size(), "GPU", "GPUs");
    if (capacity != UNLIMITED) {
      words.add(capacity == 1 ? "1 job place" : capacity + " job places");
    }
    addCounted(words, headPlaces, "head place", "head places");
    customs.forEach((name, units) -> {
      Ids listed = ids.get(name);
      words.add(name + " " + (listed == null ? Amounts.decimalUnits(units) : listed.readable()));
    });
    words.addAll(tokens);
    return words.isEmpty() ? "nothing" : String.join(", ", words);
  }

  private static void addCounted(List<String> words, long count, String one, String many) {
    if (count > 0) {
      words.add(count + " " + (count == 1 ? one : many));
    }
  }
}
