package dev.grain.code;

import static dev.grain.code.Coding.CODE;
import static dev.grain.code.Coding.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import dev.grain.function.Fn0;
import dev.grain.function.Fn1;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be encoded: the message names the path to it and the way out. */
class RefusalTest {
  static final class Atom {
    final Thread connection;

    Atom(Thread connection) {
      this.connection = connection;
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  record Molecule(String name, Atom[] atoms) {}

  static final class Own implements Serializable {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    Object part;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
    }
  }

  record Holder(Object held) {}

  static final class Node {
    Object next;
  }

  static final class Bad implements Serializable {
    private static final long serialVersionUID = 1;

    private void writeObject(ObjectOutputStream out) {
      throw new IllegalStateException("no");
    }
  }

  private final Thread executor = Thread.currentThread();

  private static String refusalOf(Object value) {
    try {
      CODE.encodeValue(value, LIMIT);
    } catch (EncodingException e) {
      return e.getMessage();
    }
    throw new AssertionError("was encoded");
  }

  private static String refusalOfCall(Serializable function, Object... arguments) {
    try {
      CODE.encode(function, arguments, LIMIT);
    } catch (EncodingException e) {
      return e.getMessage();
    }
    throw new AssertionError("was encoded");
  }

  static Stream<Object> ofOneProcess() {
    return Stream.of(
        Thread.currentThread(),
        new ByteArrayInputStream(new byte[0]),
        new ReentrantLock(),
        new ReentrantReadWriteLock(),
        new Semaphore(1),
        new CountDownLatch(1),
        ForkJoinPool.commonPool(),
        new CompletableFuture<>(),
        Stream.of(1),
        new ThreadLocal<>(),
        RefusalTest.class.getClassLoader(),
        Runtime.getRuntime(),
        new InputStream() {
          @Override
          public int read() {
            return -1;
          }
        });
  }

  @ParameterizedTest
  @MethodSource("ofOneProcess")
  void objectOfOneProcess_isRefusedWithTheReason(Object value) {
    assertThat(refusalOf(value))
        .startsWith("result (" + value.getClass().getName() + ") cannot be encoded: ")
        .containsAnyOf("belong", "hold", "consumed");
  }

  @Test
  void fieldDeepInside_isNamedByItsPath() {
    Fn1<Object, Integer> function = x -> 1;
    Atom good = new Atom(null);
    Molecule molecule =
        new Molecule("m", new Atom[] {good, good, null, new Atom(Thread.currentThread())});
    assertThat(refusalOfCall(function, molecule))
        .isEqualTo(
            "argument 1: RefusalTest$Molecule.atoms[3].connection (java.lang.Thread) cannot be"
                + " encoded: a thread belongs to one process; mark the field transient, or open it"
                + " inside the job");
  }

  @Test
  void advice_fitsWhereTheObjectIs() {
    Thread thread = Thread.currentThread();
    SplittableRandom random = new SplittableRandom(7);
    Fn1<Object, Integer> function = x -> 1;
    Fn0<String> capture = () -> thread.getName();
    String open = "a thread belongs to one process; open it inside the job";
    String make =
        "it is a class of the JDK that is not Serializable; send what it is made of, and make it in"
            + " the job";
    assertThat(refusalOfCall(function, thread)).endsWith(open);
    assertThat(refusalOfCall(capture)).endsWith(open);
    assertThat(refusalOfCall(anonymous(thread))).endsWith(open);
    assertThat(refusalOfCall(function, List.of(thread))).endsWith(open);
    assertThat(refusalOfCall(function, Optional.of(thread))).endsWith(open);
    assertThat(refusalOfCall(function, random)).endsWith(make);
    assertThat(refusalOfCall(function, new Holder(random))).endsWith(make);
    Node node = new Node();
    node.next = random;
    assertThat(refusalOfCall(function, node))
        .endsWith("; mark the field transient, or send what it is made of, and make it in the job");
    assertThat(refusalOf(node))
        .endsWith("; mark the field transient, or return what is needed of it");
    assertThat(refusalOf(random)).endsWith("Serializable; return what is needed of it");
    assertThat(refusalOf(Stream.of(1))).endsWith("; collect it to a list");
  }

  @Test
  void elementOfCollectionOrMap_isNamed() {
    Thread thread = Thread.currentThread();
    assertThat(refusalOf(List.of(1, new ArrayList<>(List.of(thread))))).contains("[1][0] (");
    assertThat(refusalOf(new TreeMap<>(Map.of("k", thread)))).contains("TreeMap[k] (");
    assertThat(refusalOf(Map.of("k", Optional.of(thread)))).contains("[k] (java.lang.Thread)");
    assertThat(refusalOf(new Object[][] {{null, thread}})).contains("Object[][][0][1] (");
  }

  @Test
  void captures_areNamed() {
    Thread thread = Thread.currentThread();
    int number = 1;
    Fn0<String> capture = () -> number + thread.getName();
    Fn0<String> captureThis = () -> number + executor.getName();
    Fn0<String> receiver = thread::getName;
    assertThat(refusalOfCall(capture))
        .startsWith("capture 2 of the lambda in dev.grain.code.RefusalTest (java.lang.Thread)");
    assertThat(refusalOfCall(captureThis))
        .startsWith("captured this: RefusalTest.executor (java.lang.Thread)");
    assertThat(refusalOfCall(receiver))
        .startsWith(
            "the receiver of the method reference ::getName in dev.grain.code.RefusalTest"
                + " (java.lang.Thread)");
  }

  @Test
  void capturesOfAnonymousClass_areNamedAsInTheSource() {
    assertThat(refusalOfCall(anonymous(Thread.currentThread())))
        .matches("the function: RefusalTest\\$\\d\\.thread \\(java.lang.Thread\\).*");
    Fn0<String> inner =
        new Fn0<>() {
          @Override
          public String apply() {
            return executor.getName();
          }
        };
    assertThat(refusalOfCall(inner))
        .matches("the function: RefusalTest\\$\\d\\.this\\.executor \\(java.lang.Thread\\).*");
  }

  private static Fn0<String> anonymous(Thread thread) {
    return new Fn0<>() {
      @Override
      public String apply() {
        return thread.getName();
      }
    };
  }

  @Test
  void captureOfLambdaInsideValue_isNamed() {
    Thread thread = Thread.currentThread();
    Serializable lambda = (Runnable & Serializable) thread::interrupt;
    assertThat(refusalOf(List.of(lambda)))
        .contains("[0].<the receiver of the method reference ::interrupt in");
  }

  @Test
  void partOfClassThatSerializesItself_isNamed() {
    Own own = new Own();
    own.part = new Atom(Thread.currentThread());
    assertThat(refusalOf(own))
        .startsWith("result: RefusalTest$Own.part.connection (java.lang.Thread)");
  }

  @Test
  void lambda_thatIsNotSerializable_isRefusedWithTheWayOut() {
    Comparator<String> order = (a, b) -> a.compareTo(b);
    assertThat(refusalOf(new Object[] {order}))
        .startsWith(
            "result: Object[][0] (a lambda in dev.grain.code.RefusalTest) cannot be encoded: its"
                + " type is not Serializable; declare it");
  }

  @Test
  void lambdaOfTheJdk_overOneThatIsNotSerializable_isRefused() {
    Comparator<String> order = Comparator.comparing(text -> text.trim());
    assertThat(refusalOf(order))
        .contains("(a lambda in dev.grain.code.RefusalTest) cannot be encoded: its type is not");
  }

  @Test
  void serializationThatThrows_isNamedWithWhatItThrew() {
    assertThat(refusalOf(List.of(new Bad())))
        .contains("[0] (dev.grain.code.RefusalTest$Bad) cannot be encoded: it threw")
        .contains("IllegalStateException: no");
  }

  @Test
  void closedClassOfTheJdk_isRefused() {
    assertThat(refusalOf(List.of(1).iterator()))
        .contains("a class of the JDK that is not Serializable");
  }

  @Test
  void graph100000Deep_isRefusedOnEveryThread() throws InterruptedException {
    Node deep = null;
    List<Object> deepList = new ArrayList<>();
    Own deepOwn = null;
    for (int i = 0; i < 100_000; i++) {
      Node next = new Node();
      next.next = deep;
      deep = next;
      deepList = new ArrayList<>(List.of(deepList));
      Own own = new Own();
      own.part = deepOwn;
      deepOwn = own;
    }
    for (Object value : List.of(deep, new Object[] {deepList}, deepOwn)) {
      for (long stack : new long[] {64 << 10, 512 << 10, 1 << 20, 256 << 20}) {
        List<Object> thrown = new ArrayList<>();
        Thread thread =
            new Thread(
                null,
                () -> {
                  try {
                    CODE.encodeValue(value, LIMIT);
                  } catch (Throwable e) {
                    thrown.add(e);
                  }
                },
                "deep",
                stack);
        thread.start();
        thread.join();
        assertThat(thrown).singleElement().isInstanceOf(EncodingException.class);
        assertThat(((Throwable) thrown.get(0)).getMessage())
            .contains("flatten the structure")
            .hasSizeLessThan(1_000);
      }
    }
  }

  @Test
  void graphOfTheGreatestDepth_isDecodedOnASmallStack() throws InterruptedException {
    Node deep = null;
    for (int i = 0; i < Engine.MAX_DEPTH; i++) {
      Node next = new Node();
      next.next = deep;
      deep = next;
    }
    Bytes bytes = CODE.encodeValue(deep, LIMIT);
    List<Object> decoded = new ArrayList<>();
    Thread thread = new Thread(null, () -> decoded.add(CODE.decodeValue(bytes)), "small", 1 << 20);
    thread.start();
    thread.join();
    assertThat(decoded).hasSize(1);
  }

  @Test
  void value_overTheLimit_isRefusedWithBothNumbers() {
    assertThatThrownBy(() -> CODE.encodeValue(new byte[10_000], 9_999))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("limit of 9999 bytes");
    assertThatThrownBy(() -> CODE.encodeValue(new int[] {1, 2, 3}, 4))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("limit of 4 bytes");
    assertThatThrownBy(() -> CODE.encodeValue(7, 3))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("limit of 3 bytes");
    Own own = new Own();
    own.part = "x".repeat(10_000);
    assertThatThrownBy(() -> CODE.encodeValue(own, 5_000))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("limit of 5000 bytes");
  }

  @Test
  void damagedBytes_areRefused() {
    byte[] good = CODE.encodeValue(new Molecule("m", new Atom[1]), LIMIT).single();
    for (int i = 0; i < good.length; i++) {
      byte[] cut = Arrays.copyOf(good, i);
      assertThatThrownBy(() -> CODE.decodeValue(Bytes.of(cut)))
          .isInstanceOf(EncodingException.class);
    }
  }

  @Test
  void encoder_afterARefusal_worksOn() {
    for (int i = 0; i < 10; i++) {
      refusalOf(List.of(Thread.currentThread()));
      assertThat(Coding.copy(List.of("a", "b"))).containsExactly("a", "b");
    }
  }
}
