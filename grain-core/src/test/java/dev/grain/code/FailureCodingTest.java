package dev.grain.code;

import static dev.grain.code.Coding.CODE;
import static dev.grain.code.Coding.copyFailure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.job.RemoteException;
import java.io.IOException;
import java.util.Arrays;
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
}
