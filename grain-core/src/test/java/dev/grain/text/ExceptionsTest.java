package dev.grain.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Reading exceptions that may throw whatever they are asked. */
class ExceptionsTest {
  /** Throws whatever it is asked. */
  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new StackOverflowError();
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("no cause");
    }
  }

  /** Has no words. */
  @SuppressWarnings({"OverrideThrowableToString", "ToStringReturnsNull"}) // as users may do
  private static final class Wordless extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wordless(String message) {
      super(message);
    }

    @Override
    public String toString() {
      return null;
    }
  }

  @Test
  void describe_isWhatTheJvmPrints_orWhatCanBeRead() {
    assertThat(Exceptions.describe(new IOException("io"))).isEqualTo("java.io.IOException: io");
    assertThat(Exceptions.describe(new Wordless("m"))).isEqualTo(Wordless.class.getName() + ": m");
    assertThat(Exceptions.describe(new Hostile()))
        .isEqualTo(Hostile.class.getName() + ": (its message cannot be read)");
  }

  @Test
  void brief_isOneLineOfABoundedLength() {
    assertThat(Exceptions.brief(new IOException("one\ntwo"))).isEqualTo("java.io.IOException: one");
    assertThat(Exceptions.brief(new IOException("x".repeat(10_000)))).hasSizeLessThan(300);
  }

  @Test
  void withCauses_ofACycleOrAClassThatThrows_comesToAnEnd() {
    Exception one = new Exception("one");
    Exception two = new Exception("two", one);
    one.initCause(two);
    assertThat(Exceptions.withCauses(one)).startsWith(one, two).hasSizeLessThan(200);
    Hostile hostile = new Hostile();
    assertThat(Exceptions.withCauses(new Exception("m", hostile))).hasSize(2).endsWith(hostile);
  }
}
