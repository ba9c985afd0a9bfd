package dev.grain.code;

import static dev.grain.code.Coding.CODE;
import static dev.grain.code.Coding.LIMIT;
import static dev.grain.code.Coding.copy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.EncodingException;
import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Objects of the user's own classes, and collections. */
class ValueCodingTest {
  sealed interface Shape permits Circle, Square {}

  record Circle(double radius) implements Shape {}

  record Square(double side, Map<String, List<Optional<Integer>>> notes) implements Shape {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Hidden(int a, long b, String c, int[] d, Object e) {}

  enum Level {
    LOW,
    HIGH {
      @Override
      int weight() {
        return 10;
      }
    };

    int weight() {
      return 1;
    }
  }

  static class Base {
    private final String name;
    protected int count;

    Base(String name) {
      this.name = name;
    }
  }

  static final class Derived extends Base {
    final String name; // hides that of the superclass
    boolean b = true;
    byte i8 = -1;
    short i16 = -2;
    char c = 'x';
    long i64 = -3;
    float f32 = 1.5f;
    double f64 = 2.5;
    Integer boxed = 7;
    transient Object notSent = new Object();

    Derived(String outer, String inner) {
      super(outer);
      name = inner;
    }
  }

  static final class Node {
    Object next;
    Object other;
  }

  record Holder(Object content) {}

  /** Says itself how it is serialized. */
  static class Own implements Serializable {
    private static final long serialVersionUID = 1;
    transient int doubled;

    @SuppressWarnings("serial")
    Object part;

    @SuppressWarnings("serial")
    Object mate;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
      out.writeInt(doubled / 2);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      doubled = 2 * in.readInt();
    }
  }

  /** Serializes another object in its place. */
  static final class Replaced implements Serializable {
    private static final long serialVersionUID = 1;
    static final Replaced ONLY = new Replaced();

    private Object writeReplace() {
      return new Stand();
    }

    private static final class Stand implements Serializable {
      private static final long serialVersionUID = 1;

      private Object readResolve() {
        return ONLY;
      }
    }
  }

  /** Written by hand. */
  public static final class ByHand implements Externalizable {
    private static final long serialVersionUID = 1;
    private transient int value;
    private transient Object part;

    /** For the JDK. */
    public ByHand() {}

    @Override
    public void writeExternal(ObjectOutput out) throws IOException {
      out.writeInt(value);
      out.writeObject(part);
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
      value = in.readInt();
      part = in.readObject();
    }
  }

  static final class NamedList extends ArrayList<Object> {
    private static final long serialVersionUID = 1;
    private final String name;

    NamedList(String name) {
      this.name = name;
    }
  }

  @Test
  void object_withFieldsOfAllKinds_arrives() {
    Derived sent = new Derived("outer", "inner");
    sent.count = 3;
    Derived got = copy(sent);
    assertThat(got).usingRecursiveComparison().ignoringFields("notSent").isEqualTo(sent);
    assertThat(((Base) got).name).isEqualTo("outer");
  }

  @Test
  void transientField_isNotSent() {
    assertThat(copy(new Derived("a", "b")).notSent).isNull();
  }

  @Test
  void record_sealedNestedAndPrivate_arrives() {
    List<Shape> shapes =
        List.of(
            new Circle(1.5), new Square(2, Map.of("a", List.of(Optional.of(1), Optional.empty()))));
    assertThat(copy(shapes)).isEqualTo(shapes);
    Hidden hidden = new Hidden(1, 2, "c", new int[] {1, 2}, Level.HIGH);
    assertThat(copy(hidden)).usingRecursiveComparison().isEqualTo(hidden);
  }

  @Test
  void record_withNulls_arrives() {
    Hidden hidden = new Hidden(1, 2, null, null, null);
    assertThat(copy(hidden)).isEqualTo(hidden);
  }

  @Test
  void enum_withBody_isTheSameConstant() {
    assertThat(copy(Level.HIGH)).isSameAs(Level.HIGH);
    assertThat(copy(new Level[] {Level.HIGH, null, Level.LOW}))
        .containsExactly(Level.HIGH, null, Level.LOW);
  }

  @Test
  void anonymousObject_keepsItsCaptures() {
    int captured = 41;
    Object sent =
        new Object() {
          @Override
          public String toString() {
            return "captured " + captured;
          }
        };
    assertThat(copy(sent)).hasToString("captured 41");
  }

  @Test
  void sharedObject_staysShared() {
    Object shared = new Holder("x");
    List<Object> got = copy(Arrays.asList(shared, shared, List.of(shared)));
    assertThat(got.get(1)).isSameAs(got.get(0));
    assertThat(((List<?>) got.get(2)).get(0)).isSameAs(got.get(0));
  }

  @Test
  void cycle_ofOrdinaryObjects_staysACycle() {
    Node sent = new Node();
    sent.next = new ArrayList<>(List.of(new AtomicReference<>(sent)));
    sent.other = new HashMap<>(Map.of("self", new Object[] {sent}));
    Node got = copy(sent);
    assertThat(((AtomicReference<?>) ((List<?>) got.next).get(0)).get()).isSameAs(got);
    assertThat(((Object[]) ((Map<?, ?>) got.other).get("self"))[0]).isSameAs(got);
  }

  @Test
  void cycle_throughRecordOrImmutableList_isRefusedNotNull() {
    Node throughRecord = new Node();
    Holder holder = new Holder(throughRecord);
    throughRecord.next = holder;
    assertThatThrownBy(() -> CODE.encodeValue(holder, LIMIT))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("refers back to itself");

    Node throughList = new Node();
    List<Node> list = List.of(throughList);
    throughList.next = list;
    assertThatThrownBy(() -> CODE.encodeValue(list, LIMIT))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("refers back to itself");
  }

  @Test
  void cycle_throughClassesThatSerializeThemselves_staysACycle() {
    Own one = new Own();
    Own two = new Own();
    one.mate = two;
    two.mate = new ArrayList<>(List.of(one));
    Own got = copy(one);
    Own mate = (Own) got.mate;
    assertThat(((List<?>) mate.mate).get(0)).isSameAs(got);
  }

  @Test
  void ownSerialization_isRespectedAndItsPartsMayBeAnything() {
    Own sent = new Own();
    sent.doubled = 8;
    Node part = new Node(); // not Serializable
    part.next = "inside";
    sent.part = part;
    List<Object> got = copy(List.of(sent, part));
    assertThat(((Own) got.get(0)).doubled).isEqualTo(8);
    assertThat(((Own) got.get(0)).part).isSameAs(got.get(1));
    assertThat(((Node) got.get(1)).next).isEqualTo("inside");
  }

  @Test
  void writeReplaceAndReadResolve_areRespected() {
    assertThat(copy(Replaced.ONLY)).isSameAs(Replaced.ONLY);
    Own holder = new Own();
    holder.part = Replaced.ONLY;
    assertThat(copy(holder).part).isSameAs(Replaced.ONLY);
  }

  @Test
  void externalizable_isRespected() {
    ByHand sent = new ByHand();
    sent.value = 3;
    sent.part = new Holder("x");
    ByHand got = copy(sent);
    assertThat(got.value).isEqualTo(3);
    assertThat(got.part).isEqualTo(new Holder("x"));
  }

  @Test
  void collectionOfOwnClass_keepsItsFields() {
    NamedList sent = new NamedList("n");
    sent.add(new Holder(1));
    NamedList got = copy(sent);
    assertThat(got).isEqualTo(sent);
    assertThat(got.name).isEqualTo("n");
  }

  @Test
  void lambdaInsideValue_runs() {
    int factor = 3;
    Function<Integer, Integer> times = (Function<Integer, Integer> & Serializable) x -> x * factor;
    Comparator<String> byLength =
        (Comparator<String> & Serializable) (a, b) -> Integer.compare(b.length(), a.length());
    Map<String, Object> got = copy(new HashMap<>(Map.of("times", times, "order", byLength)));
    @SuppressWarnings("unchecked")
    Function<Integer, Integer> gotTimes = (Function<Integer, Integer>) got.get("times");
    @SuppressWarnings("unchecked")
    Comparator<String> gotOrder = (Comparator<String>) got.get("order");
    assertThat(gotTimes.apply(5)).isEqualTo(15);
    assertThat(Stream.of("a", "ccc", "bb").sorted(gotOrder)).containsExactly("ccc", "bb", "a");
  }

  @Test
  void lambdaOfTheJdk_runs() {
    Function<String, Integer> length = (Function<String, Integer> & Serializable) String::length;
    Comparator<String> order = copy(Comparator.comparing(length).reversed());
    assertThat(Stream.of("a", "ccc", "bb").sorted(order)).containsExactly("ccc", "bb", "a");
  }

  @Test
  void proxy_withHandlerOfOwnClass_answers() {
    record Answer(Object value) implements InvocationHandler {
      @Override
      public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
        return value;
      }
    }
    Comparable<?> proxy =
        (Comparable<?>)
            Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Comparable.class}, new Answer(7));
    @SuppressWarnings("unchecked")
    Comparable<Object> got = (Comparable<Object>) copy(proxy);
    assertThat(got.compareTo("x")).isEqualTo(7);
  }

  @Test
  void unmodifiableView_staysAViewOfTheSameList() {
    List<Object> backing = new ArrayList<>(List.of(new Holder(1)));
    List<List<Object>> got = copy(List.of(backing, Collections.unmodifiableList(backing)));
    got.get(0).add("new");
    assertThat(got.get(1)).containsExactly(new Holder(1), "new");
    assertThatThrownBy(() -> got.get(1).add("x")).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void view_travelsAsACopyOfWhatItShows() {
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3, 4));
    Map<String, Integer> map = new LinkedHashMap<>(Map.of("a", 1));
    assertThat(copy(list.subList(1, 3))).containsExactly(2, 3);
    assertThat(copy(List.of(1, 2, 3).subList(1, 3))).containsExactly(2, 3);
    assertThat(copy(list.reversed())).containsExactly(4, 3, 2, 1);
    assertThat(copy(map.keySet())).containsExactly("a");
    assertThat(copy(map.values())).containsExactly(1);
    assertThat(copy(map.entrySet())).containsExactly(Map.entry("a", 1));
    assertThat(copy(new TreeMap<>(Map.of(1, 2, 3, 4)).headMap(2))).isEqualTo(Map.of(1, 2));
  }

  @Test
  void listWithNulls_arrives() {
    assertThat(copy(Stream.of("a", null).toList())).containsExactly("a", null);
    assertThat(copy(Arrays.asList(null, "b"))).containsExactly(null, "b");
    assertThat(copy(new ArrayList<>(Arrays.asList(1, null)))).containsExactly(1, null);
  }

  @Test
  void linkedHashMap_keepsItsOrder() {
    Map<Integer, String> sent = new LinkedHashMap<>();
    for (int i = 1000; i > 0; i--) {
      sent.put(i * 7919 % 1009, "v" + i);
    }
    assertThat(new ArrayList<>(copy(sent).keySet())).isEqualTo(new ArrayList<>(sent.keySet()));
  }

  @Test
  void sortedCollections_keepTheirOrder() {
    TreeMap<String, Integer> map = new TreeMap<>(Comparator.reverseOrder());
    map.putAll(Map.of("a", 1, "b", 2));
    assertThat(copy(map).keySet()).containsExactly("b", "a");
    TreeSet<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    set.addAll(List.of("B", "a"));
    assertThat(copy(set).contains("A")).isTrue();
    PriorityQueue<Integer> queue = new PriorityQueue<>(Comparator.reverseOrder());
    queue.addAll(List.of(1, 3, 2));
    assertThat(copy(queue).poll()).isEqualTo(3);
  }

  @Test
  void keysWithIdentityHash_areFoundAgain() {
    Node key = new Node();
    Map<Object, Object> map = new HashMap<>(Map.of(key, "v"));
    Set<Object> set = new HashSet<>(Set.of(key));
    List<Object> got = copy(List.of(key, map, set));
    assertThat(((Map<?, ?>) got.get(1)).get(got.get(0))).isEqualTo("v");
    assertThat(((Set<?>) got.get(2)).contains(got.get(0))).isTrue();
  }

  @Test
  void longAndShortArraysOfBytes_arriveOneAfterTheOther() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20; i++) {
      List<byte[]> sent = new ArrayList<>();
      for (int left = 6; left > 0; left--) {
        byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 10_000 : 160_000)];
        random.nextBytes(bytes);
        sent.add(bytes);
      }
      assertThat(Arrays.deepEquals(copy(sent).toArray(), sent.toArray())).isTrue();
    }
  }

  @Test
  void arrays_arrive() {
    Object[] sent = {
      new byte[] {1, -1},
      new short[] {2},
      new char[] {'a', '\ud800'},
      new int[] {3, Integer.MIN_VALUE},
      new long[] {4},
      new float[] {5.5f},
      new double[] {6.5},
      new boolean[] {true, false},
      new String[] {"a", null},
      new int[][] {{1}, {}, null},
      new Holder[][] {{new Holder(1)}, {null}},
      new Comparable<?>[] {1, "a"},
      new Object[0]
    };
    Object[] got = copy(sent);
    assertThat(Arrays.deepEquals(got, sent)).isTrue();
    assertThat(got[10].getClass()).isEqualTo(Holder[][].class);
  }

  @Test
  void plainValues_arrive() {
    Object[] values = {
      null,
      true,
      false,
      (byte) -1,
      (short) -2,
      'ü',
      -3,
      1L << 50,
      1.5f,
      -0.0,
      Double.NaN,
      "",
      "ascii",
      "ümläut",
      "\ud800 unpaired",
      "x".repeat(127),
      "x".repeat(128),
      "\0"
    };
    for (Object value : values) {
      assertThat(copy(value)).isEqualTo(value);
    }
  }

  @Test
  void classObject_arrives() {
    assertThat(
            copy(
                new Class<?>[] {int.class, Holder.class, int[].class, Map.Entry.class, void.class}))
        .containsExactly(int.class, Holder.class, int[].class, Map.Entry.class, void.class);
  }
}
