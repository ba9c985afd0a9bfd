package dev.grain.code;

import static dev.grain.code.Coding.CODE;
import static dev.grain.code.Coding.copyFailure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.RemoteException;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What functions throw. */
class FailureCodingTest {
  record Detail(int code) {} // not Serializable

  static final class WithDetail extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Object dropped = new Object();

    @SuppressWarnings("serial")
    private final Detail detail;

    WithDetail(String message, Throwable cause, Detail detail) {
      super(message, cause);
      this.detail = detail;
    }
  }

  static final class WithThread extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    final Thread thread = Thread.currentThread();

    WithThread(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Whatever one asks it, it throws. */
  static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new StackOverflowError();
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      return null;
    }
  }

  /** Its class returns what it wants. */
  @SuppressWarnings("OverrideThrowableToString") // users do
  private static final class Speaking extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Throwable cause;
    private final transient String text;
    private final boolean throwing;

    Speaking(String text, Throwable cause, boolean throwing) {
      this.text = text;
      this.cause = cause;
      this.throwing = throwing;
    }

    @Override
    public synchronized Throwable getCause() {
      return cause;
    }

    @Override
    public String toString() {
      return throwing ? "Speaking of " + text.length() + " letters" : "says " + text;
    }
  }

  /** Makes a new cause each time. */
  private static final class Endless extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public synchronized Throwable getCause() {
      return new Endless();
    }
  }

  /** Throws when it is rebuilt. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreadable(String message) {
      super(message);
    }

    private void readObject(ObjectInputStream in) {
      throw new AssertionError("not here");
    }
  }

  /** Becomes something else when it is rebuilt. */
  private static final class Disguised extends RuntimeException {
    private static final long serialVersionUID = 1;

    Disguised(String message) {
      super(message);
    }

    private Object readResolve() {
      return "no exception";
    }
  }

  /** Has a stack trace with a hole. */
  private static final class Holed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Holed(String message) {
      super(message);
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      return new StackTraceElement[] {null, new StackTraceElement("a.B", "c", "B.java", 1)};
    }
  }

  /** Takes no suppressed exceptions. */
  private static final class Fixed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient String text;

    Fixed(String text) {
      super(null, null, false, false);
      this.text = text;
    }

    @Override
    public String getMessage() {
      return text;
    }
  }

  private static String traceOf(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  private static String printed(Throwable failure) {
    return Arrays.toString(failure.getStackTrace());
  }

  @Test
  void exception_afterTheWay_isTheSameWithItsFieldsStackCauseAndSuppressed() {
    WithDetail sent = new WithDetail("m", new IOException("inner"), new Detail(7));
    sent.addSuppressed(new IllegalStateException("other"));
    Throwable got = copyFailure(sent);
    assertThat(got).isExactlyInstanceOf(WithDetail.class).hasMessage("m");
    assertThat(((WithDetail) got).detail).isEqualTo(new Detail(7));
    assertThat(((WithDetail) got).dropped).isNull();
    assertThat(printed(got)).isEqualTo(printed(sent));
    assertThat(got.getCause()).isExactlyInstanceOf(IOException.class).hasMessage("inner");
    assertThat(printed(got.getCause())).isEqualTo(printed(sent.getCause()));
    assertThat(got.getSuppressed()).singleElement().isInstanceOf(IllegalStateException.class);
  }

  @Test
  void exception_thatCannotBeEncoded_isReplacedAndNothingElseIs() {
    WithThread sent = new WithThread("m", new WithDetail("d", null, new Detail(1)));
    sent.addSuppressed(new WithThread("s", null));
    Throwable got = copyFailure(sent);
    assertThat(got)
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.className()).isEqualTo(WithThread.class.getName()));
    assertThat(got).hasMessage(WithThread.class.getName() + ": m");
    assertThat(printed(got)).isEqualTo(printed(sent));
    assertThat(got.getCause()).isExactlyInstanceOf(WithDetail.class).hasMessage("d");
    assertThat(got.getSuppressed()).singleElement().isInstanceOf(RemoteException.class);
  }

  @Test
  void exceptionWhoseCauseCannotBeEncoded_staysItself() {
    Throwable got = copyFailure(new IOException("io", new WithThread("m", null)));
    assertThat(got).isExactlyInstanceOf(IOException.class).hasMessage("io");
    assertThat(got.getCause()).isInstanceOf(RemoteException.class).hasMessageEndingWith("m");
  }

  @Test
  void cycleOfCauses_comesToAnEnd() {
    Exception one = new Exception("one");
    Exception two = new Exception("two", one);
    one.initCause(two);
    one.addSuppressed(two);
    Throwable got = copyFailure(one);
    assertThat(got).hasMessage("one");
    assertThat(got.getCause()).hasMessage("two");
    assertThat(CODE.encodeFailure(got).length()).isPositive();
  }

  @Test
  void chainOfManyCauses_isCut() {
    Throwable chain = new Exception("root");
    for (int i = 0; i < 20_000; i++) {
      chain = new Exception("e" + i, chain);
    }
    Bytes bytes = CODE.encodeFailure(chain);
    assertThat(bytes.length()).isLessThan(150_000);
    Throwable got = CODE.decodeFailure(bytes);
    assertThat(got).hasMessage("e19999");
    assertThat(got.getCause()).hasMessage("e19998");
    Throwable last = got;
    int length = 1;
    while (last.getCause() != null) {
      last = last.getCause();
      length++;
    }
    assertThat(length).isBetween(50, 150);
    assertThat(last).hasMessageContaining("left out");
  }

  @Test
  void hugeMessage_isCut() {
    WithThread sent = new WithThread("ü".repeat(1 << 20), null);
    assertThat(CODE.encodeFailure(sent).length()).isLessThan(100_000);
    assertThat(copyFailure(sent)).isInstanceOf(RemoteException.class);
  }

  @Test
  void hostileException_isStillNamed() {
    Throwable got = copyFailure(new Hostile());
    String name = got instanceof RemoteException e ? e.className() : got.getClass().getName();
    assertThat(name).isEqualTo(Hostile.class.getName());
  }

  @Test
  void stackOverflowAndOutOfMemory_areEncoded() {
    assertThat(copyFailure(overflow())).isInstanceOf(StackOverflowError.class);
    assertThat(copyFailure(new OutOfMemoryError("Java heap space")))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("Java heap space");
  }

  private static Throwable overflow() {
    try {
      return recurse(0);
    } catch (StackOverflowError e) {
      return e;
    }
  }

  private static Throwable recurse(int depth) {
    return depth < 0 ? new Error() : recurse(depth + 1 > 0 ? depth + 1 : 0);
  }

  @Test
  void anonymousException_isTheSame() {
    int captured = 5;
    Throwable got =
        copyFailure(
            new RuntimeException("anonymous") {
              private static final long serialVersionUID = 1;

              @Override
              public String getMessage() {
                return super.getMessage() + captured;
              }
            });
    assertThat(got).hasMessage("anonymous5");
  }

  @Test
  void exception_thatThrowsWhenItIsReadHere_isReplacedByWhatItSaidThere() {
    Throwable got = copyFailure(new IOException("io", new Speaking("abc", null, true)));
    assertThat(got).isExactlyInstanceOf(IOException.class);
    assertThat(got.getCause())
        .isExactlyInstanceOf(RemoteException.class)
        .hasMessage(Speaking.class.getName() + ": Speaking of 3 letters");
    assertThat(traceOf(got)).contains("Speaking of 3 letters");
  }

  @Test
  void exception_thatSaysSomethingElseHere_isItselfAndHasWhatItSaidThere() {
    Throwable got = copyFailure(new Speaking("abc", new IOException("io"), false));
    assertThat(got).isExactlyInstanceOf(Speaking.class).hasToString("says null");
    assertThat(got.getSuppressed())
        .singleElement()
        .isInstanceOfSatisfying(
            RemoteException.class,
            said -> {
              assertThat(said).hasMessage(Speaking.class.getName() + ": says abc");
              assertThat(said).hasRootCauseInstanceOf(IOException.class).hasRootCauseMessage("io");
              assertThat(said.getStackTrace()).isEmpty();
            });
    assertThat(traceOf(got)).contains("says abc").contains("java.io.IOException: io");
  }

  @Test
  void exception_thatSaysSomethingElseHereAndTakesNoAddition_isReplaced() {
    assertThat(copyFailure(new Fixed("abc")))
        .isExactlyInstanceOf(RemoteException.class)
        .hasMessage(Fixed.class.getName() + ": abc");
  }

  @Test
  void exception_thatCannotBeRebuilt_isReplacedWhateverItThrows() {
    for (Throwable sent : List.of(new Unreadable("m"), new Disguised("m"))) {
      assertThat(copyFailure(new IOException("io", sent)).getCause())
          .isExactlyInstanceOf(RemoteException.class)
          .hasMessage(sent.getClass().getName() + ": m");
    }
  }

  @Test
  void exception_withCausesWithoutEnd_isReplacedAndPrinted() {
    Throwable got = copyFailure(new Endless());
    assertThat(got).isExactlyInstanceOf(RemoteException.class);
    assertThat(traceOf(got)).contains("more exceptions, left out");
  }

  @Test
  void exception_withAHoleInItsStackTrace_keepsItsMessageAndTheRest() {
    Throwable sent = new IOException("io", new Holed("m"));
    assertThat(copyFailure(sent).getCause()).hasMessage(Holed.class.getName() + ": m");
    assertThat(traceOf(copyFailure(sent))).contains("at a.B.c(B.java:1)");
  }

  @Test
  void nullPointer_keepsTheMessageOfTheJvm() {
    Throwable sent = nullPointer();
    sent.addSuppressed(new IOException("io"));
    sent.initCause(new IllegalStateException("inner", sent));
    assertThat(sent).hasMessageContaining("is null");
    Throwable got = copyFailure(sent);
    assertThat(got).isExactlyInstanceOf(NullPointerException.class).hasMessage(sent.getMessage());
    assertThat(printed(got)).isEqualTo(printed(sent));
    assertThat(got.getSuppressed()).singleElement().isExactlyInstanceOf(IOException.class);
    assertThat(Coding.copy(sent)).hasMessage(sent.getMessage());
    assertThat(Coding.copy(sent).getCause().getCause()).hasMessage(sent.getMessage());
    assertThat(Coding.copy(new Exception(sent)).getCause()).hasMessage(sent.getMessage());
  }

  private static Throwable nullPointer() {
    Object[] nothing = {null};
    try {
      throw new AssertionError(nothing[0].hashCode());
    } catch (NullPointerException e) {
      return e;
    }
  }

  @Test
  void whatItSaid_isReadWithoutItsClass() {
    assertThat(Codec.describeFailure(CODE.encodeFailure(new IOException("io"))))
        .isEqualTo("java.io.IOException: io");
    assertThat(Codec.describeFailure(CODE.encodeFailure(new IOException())))
        .isEqualTo("java.io.IOException");
    assertThat(Codec.describeFailure(CODE.encodeFailure(new Speaking("abc", null, false))))
        .isEqualTo(Speaking.class.getName() + ": says abc");
    assertThat(Codec.describeFailure(CODE.encodeFailure(new Hostile())))
        .isEqualTo(Hostile.class.getName() + ": (its message cannot be read)");
  }
}
