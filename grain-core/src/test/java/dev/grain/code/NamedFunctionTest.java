package dev.grain.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Functions that are called by their names, with JSON. */
final class NamedFunctionTest {
  private static final Codec CODEC = new Codec(NamedFunctionTest.class.getClassLoader());
  private static final String JOBS = "dev.grain.code.NamedFunctionTest.Jobs::";

  /** What is called. */
  static final class Jobs {
    private Jobs() {}

    record Grid(@JsonProperty("width") int columns, List<Double> cells) {}

    public static double energy(String molecule, int charge) {
      return molecule.length() + charge / 2.0;
    }

    public static Grid grid(Grid grid, Map<String, Grid> more) {
      return new Grid(grid.columns + more.size(), grid.cells);
    }

    public static long sum(long... numbers) {
      return Arrays.stream(numbers).sum();
    }

    public static String next(Instant time) {
      return time.plusSeconds(1).toString();
    }

    public static void nothing() {}

    public static String text(String text) {
      return text;
    }

    public static String kind(int number) {
      return "int";
    }

    public static String kind(String text) {
      return "String";
    }

    public static String kind(int number, String text) {
      return "both";
    }

    public static void fail(String message) throws IOException {
      throw new IOException(message);
    }

    public static Object unwritable() {
      List<Object> endless = new ArrayList<>();
      endless.add(endless);
      return endless;
    }

    public int ofAnObject() {
      return 1;
    }

    static int hidden() {
      return 1;
    }
  }

  /** Inherits what is called. */
  static class Derived extends Base {}

  /** Has what is called. */
  static class Base {
    public static int inherited() {
      return 7;
    }
  }

  private static String call(String name, String... arguments) throws Exception {
    Codec.EncodedCall call =
        CODEC.encodeNamed(
            FunctionName.parse(name).encode(),
            Arrays.stream(arguments).map(each -> each.getBytes(StandardCharsets.UTF_8)).toList(),
            true,
            Long.MAX_VALUE);
    return new String(
        (byte[]) CODEC.decode(call.function(), call.arguments()).run(), StandardCharsets.UTF_8);
  }

  private static String problem(String name, String... arguments) {
    return assertThatExceptionOfType(UncallableException.class)
        .isThrownBy(() -> call(name, arguments))
        .actual()
        .getMessage();
  }

  @Test
  void arguments_areThoseOfTheParameters_andTheResultIsJson() throws Exception {
    assertThat(call(JOBS + "energy", "\"H2O\"", "3")).isEqualTo("4.5");
    assertThat(
            call(
                JOBS + "grid",
                "{\"width\":2,\"cells\":[1,0.5]}",
                "{\"a\":{\"width\":1,\"cells\":[]}}"))
        .isEqualTo("{\"width\":3,\"cells\":[1.0,0.5]}");
    assertThat(call(JOBS + "sum", "[1,2,3]")).isEqualTo("6");
    assertThat(call(JOBS + "next", "\"2026-01-01T00:00:00Z\""))
        .isEqualTo("\"2026-01-01T00:00:01Z\"");
    assertThat(call(JOBS + "text", "\"ä\\n\"")).isEqualTo("\"ä\\n\"");
  }

  @Test
  void functionOfTheJdk_canBeCalled_andSoCanAnInheritedOne() throws Exception {
    assertThat(call("java.lang.Math::hypot", "3", "4")).isEqualTo("5.0");
    assertThat(call("dev.grain.code.NamedFunctionTest$Derived::inherited")).isEqualTo("7");
  }

  @Test
  void nothing_isNull() throws Exception {
    assertThat(call(JOBS + "nothing")).isEqualTo("null");
    assertThat(call(JOBS + "text", "null")).isEqualTo("null");
  }

  @Test
  void overloads_areSelectedByTheNumberOfArguments_orByTheirTypes() throws Exception {
    assertThat(call(JOBS + "kind", "1", "\"\"")).isEqualTo("\"both\"");
    assertThat(call(JOBS + "kind(int)", "1")).isEqualTo("\"int\"");
    assertThat(call(JOBS + "kind(java.lang.String)", "\"\"")).isEqualTo("\"String\"");
    assertThat(call(JOBS + "kind( int , String )", "1", "\"\"")).isEqualTo("\"both\"");
    assertThat(problem(JOBS + "kind", "1"))
        .isEqualTo(
            JOBS
                + "kind is ambiguous with 1 argument: there are kind(String), kind(int). Name the types of its parameters, such as "
                + JOBS
                + "kind(String).");
    assertThat(problem(JOBS + "kind(double)", "1"))
        .isEqualTo(
            JOBS
                + "kind(double) does not take 1 argument. There is kind(String), kind(int), kind(int, String).");
    assertThat(problem(JOBS + "energy", "1"))
        .isEqualTo(JOBS + "energy does not take 1 argument. There is energy(String, int).");
  }

  @Test
  void wrongMethod_isAnErrorWithTheNearest() {
    String type = "dev.grain.code.NamedFunctionTest.Jobs";
    assertThat(problem(JOBS + "enrgy", "1", "2"))
        .isEqualTo(
            type + " has no public static method enrgy. The nearest is energy(String, int).");
    assertThat(problem("dev.grain.code.NamedFunctionTest.Base::something"))
        .startsWith("dev.grain.code.NamedFunctionTest.Base has no public static method something")
        .endsWith("It has inherited().");
    assertThat(problem(JOBS + "ofAnObject"))
        .isEqualTo("ofAnObject() in " + type + " is not public and static. Make it so.");
    assertThat(problem(JOBS + "hidden"))
        .isEqualTo("hidden() in " + type + " is not public and static. Make it so.");
  }

  @Test
  void wrongClass_isAnErrorWithTheNearest() {
    assertThat(problem("dev.grain.code.NamedFunctionTset::x"))
        .isEqualTo(
            "There is no class dev.grain.code.NamedFunctionTset. The nearest name is dev.grain.code.NamedFunctionTest.");
    assertThat(problem("com.acme.NamedFunctionTest::x"))
        .isEqualTo(
            "There is no class com.acme.NamedFunctionTest. The nearest name is dev.grain.code.NamedFunctionTest.");
    assertThat(problem("com.acme.Wxyzwxyz::x"))
        .isEqualTo(
            "There is no class com.acme.Wxyzwxyz. Check the name, and whether the class is compiled.");
  }

  @Test
  void argumentThatDoesNotFit_isAnErrorThatNamesIt() {
    assertThat(problem(JOBS + "energy", "\"H2O\"", "\"three\""))
        .startsWith("Argument 2 of " + JOBS + "energy, a int, cannot be read from its JSON: ")
        .contains("three");
    // instead of a part of the number
    assertThat(problem(JOBS + "energy", "\"H2O\"", "3.5")).contains("Argument 2 ").contains("3.5");
    assertThat(problem(JOBS + "energy", "\"H2O\"", "null")).contains("Argument 2 ");
    assertThat(problem(JOBS + "grid", "{\"width\":2,\"cells\":[],\"height\":3}", "{}"))
        .contains("Argument 1 ")
        .contains("height");
    assertThat(problem(JOBS + "energy", "\"H2O\" 4", "3")).contains("Argument 1 ");
  }

  @Test
  void exception_isThrownAsItIs() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> call(JOBS + "fail", "\"broken\""))
        .withMessage("broken");
  }

  @Test
  void resultWithoutJson_isAnError() {
    assertThatExceptionOfType(EncodingException.class)
        .isThrownBy(() -> call(JOBS + "unwritable"))
        .withMessageStartingWith("The result of " + JOBS + "unwritable, a ")
        .withMessageContaining("cannot be written as JSON");
  }

  @Test
  void argumentsAboveTheLimit_areRefused() {
    assertThatExceptionOfType(EncodingException.class)
        .isThrownBy(() ->
            CODEC.encodeNamed(Bytes.utf8("any"), List.of(new byte[11], new byte[10]), true, 20))
        .withMessageStartingWith("The arguments take 21 bytes as JSON, more than can be sent");
  }

  @Test
  void name_thatIsNone_isRefused() {
    for (String each :
        List.of(
            "", "energy", "com.acme.Jobs", "com.acme.Jobs.energy", "a::b::c", "a b::c", "a::b(")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FunctionName.parse(each))
          .withMessageStartingWith(
              "\"" + each + "\" does not name a function. Write CLASS::METHOD");
    }
    assertThat(FunctionName.parse("a.B$C::d(int[], e.F)"))
        .isEqualTo(new FunctionName("a.B$C", "d", List.of("int[]", "e.F")))
        .hasToString("a.B$C::d(int[], e.F)");
  }
}
