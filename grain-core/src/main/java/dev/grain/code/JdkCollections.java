package dev.grain.code;

import com.esotericsoftware.kryo.Serializer;
import java.io.Serializable;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the collections of the JDK are encoded: those listed here element by element; views that are
 * not Serializable, such as {@code subList} or {@code keySet}, as a copy of what they show.
 */
final class JdkCollections {
  /** The one view that implements Serializable but cannot be serialized. */
  @SuppressWarnings("JdkObsolete") // what the user has
  private static final Class<?> REVERSED_LINKED_LIST = new LinkedList<>().reversed().getClass();

  @SuppressWarnings("JdkObsolete") // what the user has is what comes out
  private static final Map<Class<?>, IntFunction<Collection<@Nullable Object>>> COLLECTIONS =
      Map.of(
          ArrayList.class,
          ArrayList::new,
          LinkedList.class,
          _ -> new LinkedList<>(),
          REVERSED_LINKED_LIST,
          _ -> new LinkedList<>(),
          HashSet.class,
          HashSet::newHashSet,
          LinkedHashSet.class,
          LinkedHashSet::newLinkedHashSet,
          ArrayDeque.class,
          ArrayDeque::new);

  private static final Map<Class<?>, IntFunction<Map<@Nullable Object, @Nullable Object>>> MAPS =
      Map.of(
          HashMap.class, HashMap::newHashMap,
          LinkedHashMap.class, LinkedHashMap::newLinkedHashMap,
          ConcurrentHashMap.class, ConcurrentHashMap::new);

  /** How collections that are built from all of their elements at once are built. */
  private static final Map<Class<?>, Function<@Nullable Object[], Object>> BUILT_LAST =
      Map.of(
          List.of().getClass(),
          JdkCollections::list,
          List.of(1).getClass(),
          JdkCollections::list,
          Set.of().getClass(),
          Set::of,
          Set.of(1).getClass(),
          Set::of,
          CopyOnWriteArrayList.class,
          CopyOnWriteArrayList::new);

  private static final Set<Class<?>> IMMUTABLE_MAPS =
      Set.of(Map.of().getClass(), Map.of(1, 1).getClass());

  /** Those that write themselves, in the order of hashes. */
  @SuppressWarnings("JdkObsolete") // what the user has
  private static final Set<Class<?>> HASHED = Set.of(Hashtable.class, IdentityHashMap.class);

  private static final Class<?> AS_LIST = Arrays.asList().getClass();

  private JdkCollections() {}

  private static Object list(@Nullable Object[] elements) {
    for (Object element : elements) {
      if (element == null) {
        return Stream.of(elements).toList();
      }
    }
    return List.of(elements);
  }

  /** Returns the serializer for exactly this class, or null if there is none. */
  static @Nullable Serializer<?> serializerOf(References references, Class<?> type) {
    IntFunction<Collection<@Nullable Object>> collection = COLLECTIONS.get(type);
    if (collection != null) {
      return new CollectionSerializer(false, (_, size) -> collection.apply(size));
    }
    IntFunction<Map<@Nullable Object, @Nullable Object>> map = MAPS.get(type);
    if (map != null) {
      return new MapSerializer(false, (_, size) -> map.apply(size));
    }
    if (type == TreeSet.class) {
      return new CollectionSerializer(true, (comparator, _) -> new TreeSet<>(comparator));
    }
    if (type == PriorityQueue.class) {
      return new CollectionSerializer(true, (comparator, _) -> new PriorityQueue<>(comparator));
    }
    if (type == TreeMap.class) {
      return new MapSerializer(true, (comparator, _) -> new TreeMap<>(comparator));
    }
    Function<@Nullable Object[], Object> builder = BUILT_LAST.get(type);
    if (builder != null) {
      return new BuiltLastSerializer(references, JdkCollections::elements, builder, false);
    }
    if (IMMUTABLE_MAPS.contains(type)) {
      return new BuiltLastSerializer(
          references, JdkCollections::flatten, JdkCollections::unflatten, true);
    }
    return type == AS_LIST ? new AsListSerializer() : null;
  }

  /** Returns whether there is a serializer for exactly this class. */
  static boolean isKnown(Class<?> type) {
    return COLLECTIONS.containsKey(type)
        || MAPS.containsKey(type)
        || BUILT_LAST.containsKey(type)
        || IMMUTABLE_MAPS.contains(type)
        || type == TreeSet.class
        || type == TreeMap.class
        || type == PriorityQueue.class
        || type == AS_LIST;
  }

  private static @Nullable Object[] elements(Object collection) {
    return ((Collection<?>) collection).toArray();
  }

  private static @Nullable Object[] flatten(Object map) {
    List<@Nullable Object> parts = new ArrayList<>();
    ((Map<?, ?>) map)
        .forEach((key, value) -> {
          parts.add(key);
          parts.add(value);
        });
    return parts.toArray();
  }

  @SuppressWarnings("unchecked") // a generic array of entries
  private static Object unflatten(@Nullable Object[] parts) {
    Map.Entry<Object, Object>[] entries =
        (Map.Entry<Object, Object>[]) new Map.Entry<?, ?>[parts.length / 2];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = Map.entry(present(parts[2 * i]), present(parts[2 * i + 1]));
    }
    return Map.ofEntries(entries);
  }

  private static Object present(@Nullable Object part) {
    if (part == null) {
      throw new IllegalArgumentException("a null in an immutable map");
    }
    return part;
  }

  /** Returns the serializer that copies what a view shows, or null if the class is none. */
  static @Nullable Serializer<?> viewSerializerOf(Class<?> type) {
    if (SortedSet.class.isAssignableFrom(type)) {
      return new CollectionSerializer(true, (comparator, _) -> new TreeSet<>(comparator));
    }
    if (Set.class.isAssignableFrom(type)) {
      return new CollectionSerializer(false, (_, size) -> LinkedHashSet.newLinkedHashSet(size));
    }
    if (Deque.class.isAssignableFrom(type)) {
      return new CollectionSerializer(false, (_, size) -> new ArrayDeque<>(size));
    }
    if (Collection.class.isAssignableFrom(type) && !Queue.class.isAssignableFrom(type)) {
      return new CollectionSerializer(false, (_, size) -> new ArrayList<>(size));
    }
    if (SortedMap.class.isAssignableFrom(type)) {
      return new MapSerializer(true, (comparator, _) -> new TreeMap<>(comparator));
    }
    if (Map.class.isAssignableFrom(type)) {
      return new MapSerializer(false, (_, size) -> LinkedHashMap.newLinkedHashMap(size));
    }
    return null;
  }

  /** Returns whether the iteration order of a collection or map of the JDK has no meaning. */
  static boolean isUnordered(Class<?> type) {
    if (SequencedCollection.class.isAssignableFrom(type)
        || SequencedMap.class.isAssignableFrom(type)) {
      return false;
    }
    return HASHED.contains(type)
        || ((isKnown(type) || !Serializable.class.isAssignableFrom(type))
            && (Map.class.isAssignableFrom(type)
                || (Collection.class.isAssignableFrom(type)
                    && !Queue.class.isAssignableFrom(type))));
  }

  /** Returns the class that a view with an order is decoded as; for others the class itself. */
  static Class<?> copyOf(Class<?> type) {
    if (type == REVERSED_LINKED_LIST) {
      return LinkedList.class;
    }
    boolean view =
        Choice.isJdk(type) && !isKnown(type) && !Serializable.class.isAssignableFrom(type);
    if (view && Deque.class.isAssignableFrom(type)) {
      return ArrayDeque.class;
    }
    if (view && SequencedCollection.class.isAssignableFrom(type)) {
      return SortedSet.class.isAssignableFrom(type)
          ? TreeSet.class
          : Set.class.isAssignableFrom(type) ? LinkedHashSet.class : ArrayList.class;
    }
    if (view && SequencedMap.class.isAssignableFrom(type)) {
      return SortedMap.class.isAssignableFrom(type) ? TreeMap.class : LinkedHashMap.class;
    }
    return type;
  }

  /** Returns the comparator of a sorted collection or map. */
  static @Nullable Comparator<?> comparatorOf(Object sorted) {
    return switch (sorted) {
      case SortedSet<?> set -> set.comparator();
      case SortedMap<?, ?> map -> map.comparator();
      case PriorityQueue<?> queue -> queue.comparator();
      default -> null;
    };
  }

  /** Makes an empty collection. */
  @FunctionalInterface
  interface Maker<T> {
    T make(@Nullable Comparator<@Nullable Object> comparator, int size);
  }

  /** Returns what a map entry is rebuilt as. */
  static Object entry(@Nullable Object key, @Nullable Object value, boolean immutable) {
    return immutable
        ? Map.entry(present(key), present(value))
        : new AbstractMap.SimpleEntry<@Nullable Object, @Nullable Object>(key, value);
  }
}
