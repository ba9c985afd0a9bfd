package dev.grain.code;

import static dev.grain.code.Coding.CODE;
import static dev.grain.code.Coding.LIMIT;
import static dev.grain.code.Coding.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.function.Act0;
import dev.grain.function.Act1;
import dev.grain.function.Act2;
import dev.grain.function.Act3;
import dev.grain.function.Act4;
import dev.grain.function.Fn0;
import dev.grain.function.Fn1;
import dev.grain.function.Fn2;
import dev.grain.function.Fn3;
import dev.grain.function.Fn4;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every form in which a program may write a function. */
class FunctionCodingTest {
  private static final List<Object> SEEN = new ArrayList<>();

  private final int base = 5;

  static int square(int x) {
    return x * x;
  }

  int plusBase(int x) {
    return x + base;
  }

  enum Operation implements Fn1<Integer, Integer> {
    DOUBLE {
      @Override
      public Integer apply(Integer x) {
        return 2 * x;
      }
    }
  }

  record AddTo(int start) implements Fn1<Integer, Integer> {
    @Override
    public Integer apply(Integer x) {
      return start + x;
    }
  }

  static final class Point {
    final int x;

    Point(int x) {
      this.x = x;
    }

    int x() {
      return x;
    }
  }

  @Test
  void lambda_withoutCaptures_runs() throws Exception {
    Fn1<Integer, Integer> function = x -> x + 1;
    assertThat(call(function, 41)).isEqualTo(42);
  }

  @Test
  void lambda_withCaptures_runsWithThem() throws Exception {
    int number = 40;
    String text = "a";
    long wide = 1L << 40;
    List<String> list = new ArrayList<>(List.of("x", "y"));
    Fn1<Integer, String> function = x -> text + (number + x) + wide + list;
    assertThat(call(function, 2)).isEqualTo("a42" + wide + "[x, y]");
  }

  @Test
  void lambda_capturingThis_takesTheEnclosingObjectAlong() throws Exception {
    Fn1<Integer, Integer> function = x -> x + this.base;
    assertThat(call(function, 1)).isEqualTo(6);
  }

  @Test
  void reference_toStaticMethod_runs() throws Exception {
    Fn1<Integer, Integer> function = FunctionCodingTest::square;
    assertThat(call(function, 7)).isEqualTo(49);
  }

  @Test
  void reference_toMethodOfObject_takesItAlong() throws Exception {
    Fn1<Integer, Integer> function = this::plusBase;
    assertThat(call(function, 7)).isEqualTo(12);
  }

  @Test
  void reference_toMethodOfArgument_runs() throws Exception {
    Fn1<Point, Integer> function = Point::x;
    assertThat(call(function, new Point(3))).isEqualTo(3);
  }

  @Test
  void reference_toConstructor_runs() throws Exception {
    Fn1<Integer, Point> function = Point::new;
    assertThat(call(function, 4))
        .isInstanceOfSatisfying(Point.class, p -> assertThat(p.x).isEqualTo(4));
  }

  @Test
  void reference_toArrayConstructor_runs() throws Exception {
    Fn1<Integer, int[]> function = int[]::new;
    assertThat(call(function, 3)).isEqualTo(new int[3]);
  }

  @Test
  void anonymousClass_withCaptures_keepsThem() throws Exception {
    int captured = 41;
    Fn0<Integer> function =
        new Fn0<>() {
          @Override
          public Integer apply() {
            return captured + base;
          }
        };
    assertThat(call(function)).isEqualTo(46);
  }

  @Test
  void localClass_withCaptures_keepsThem() throws Exception {
    int captured = 41;
    class Local implements Fn1<Integer, Integer> {
      private static final long serialVersionUID = 1;
      private final int own = 100;

      @Override
      public Integer apply(Integer x) {
        return captured + own + x;
      }
    }
    assertThat(call(new Local(), 1)).isEqualTo(142);
  }

  @Test
  void localRecord_asArgument_arrives() throws Exception {
    record Pair(int left, String right) {}
    Fn1<Pair, String> function = pair -> pair.left() + pair.right();
    assertThat(call(function, new Pair(1, "b"))).isEqualTo("1b");
  }

  @Test
  void object_ofClass_runs() throws Exception {
    assertThat(call(new AddTo(3), 4)).isEqualTo(7);
    assertThat(call(Operation.DOUBLE, 4)).isEqualTo(8);
  }

  @Test
  void function_ofEachArity_getsItsArguments() throws Exception {
    Fn0<String> none = () -> "";
    Fn2<String, String, String> two = (a, b) -> a + b;
    Fn3<String, String, String, String> three = (a, b, c) -> a + b + c;
    Fn4<String, String, String, String, String> four = (a, b, c, d) -> a + b + c + d;
    assertThat(call(none)).isEqualTo("");
    assertThat(call(two, "1", "2")).isEqualTo("12");
    assertThat(call(three, "1", "2", "3")).isEqualTo("123");
    assertThat(call(four, "1", "2", "3", "4")).isEqualTo("1234");
  }

  @Test
  void action_ofEachArity_runsAndGivesNull() throws Exception {
    SEEN.clear();
    Act0 none = () -> SEEN.add("-");
    Act1<String> one = a -> SEEN.add(a);
    Act2<String, String> two = (a, b) -> SEEN.add(a + b);
    Act3<String, String, String> three = (a, b, c) -> SEEN.add(a + b + c);
    Act4<String, String, String, String> four = (a, b, c, d) -> SEEN.add(a + b + c + d);
    assertThat(call(none)).isNull();
    assertThat(call(one, "1")).isNull();
    assertThat(call(two, "1", "2")).isNull();
    assertThat(call(three, "1", "2", "3")).isNull();
    assertThat(call(four, "1", "2", "3", "4")).isNull();
    assertThat(SEEN).containsExactly("-", "1", "12", "123", "1234");
  }

  @Test
  void function_withNullArgument_getsNull() throws Exception {
    Fn1<String, Boolean> function = text -> text == null;
    assertThat(call(function, new Object[] {null})).isEqualTo(true);
  }

  @Test
  void function_withOtherNumberOfArguments_isRefused() {
    Fn1<Integer, Integer> function = FunctionCodingTest::square;
    assertThatThrownBy(() -> CODE.encode(function, new Object[] {1, 2}, LIMIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no function of 2 arguments");
  }

  @Test
  void function_thatThrows_throwsItsOwnException() {
    Fn0<Integer> function =
        () -> {
          throw new IOException("mine");
        };
    assertThatThrownBy(() -> call(function))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("mine");
  }

  @Test
  void function_ofOneCallSite_hasOneIdentityWhateverItCaptures() {
    Codec.EncodedCall first = CODE.encode(adder(1), new Object[] {1}, LIMIT);
    Codec.EncodedCall second = CODE.encode(adder(2), new Object[] {1}, LIMIT);
    assertThat(second.function()).isSameAs(first.function());
    assertThat(second.arguments()).isNotEqualTo(first.arguments());
  }

  private static Fn1<Integer, Integer> adder(int number) {
    return x -> x + number;
  }

  @Test
  void function_ofTwoCallSites_hasTwoIdentities() {
    Fn1<Integer, Integer> one = x -> x + 1;
    Fn1<Integer, Integer> two = x -> x + 2;
    assertThat(CODE.encode(one, new Object[] {1}, LIMIT).function())
        .isNotEqualTo(CODE.encode(two, new Object[] {1}, LIMIT).function());
  }

  @Test
  void reference_writtenTwice_hasEqualIdentities() {
    Fn1<Integer, Integer> one = FunctionCodingTest::square;
    Fn1<Integer, Integer> two = FunctionCodingTest::square;
    assertThat(CODE.encode(one, new Object[] {1}, LIMIT).function())
        .isEqualTo(CODE.encode(two, new Object[] {1}, LIMIT).function());
  }

  @Test
  void captureAndArgument_thatAreOneObject_stayOneObject() throws Exception {
    Point shared = new Point(1);
    Fn2<Point, List<Point>, Boolean> function =
        (first, others) -> first == shared && others.get(0) == shared;
    assertThat(call(function, shared, List.of(shared))).isEqualTo(true);
  }

  @Test
  void call_withPlainArgument_isOneSmallArray() {
    Fn1<Integer, Integer> function = FunctionCodingTest::square;
    byte[] bytes = CODE.encode(function, new Object[] {7}, LIMIT).arguments().single();
    assertThat(bytes).hasSize(7);
  }

  @Test
  void call_runTwice_runsTwice() throws Exception {
    int start = 1;
    Fn1<Integer, Integer> function = x -> x + start;
    Codec.EncodedCall encoded = CODE.encode(function, new Object[] {1}, LIMIT);
    Codec.DecodedCall call = CODE.decode(encoded.function(), encoded.arguments());
    assertThat(call.run()).isEqualTo(2);
    assertThat(call.run()).isEqualTo(2);
  }
}
