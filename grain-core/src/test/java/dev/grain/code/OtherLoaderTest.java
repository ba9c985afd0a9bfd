package dev.grain.code;

import static dev.grain.code.Coding.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.grain.EncodingException;
import dev.grain.RemoteException;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code encoded with the classes of one loader and decoded with those of another. */
class OtherLoaderTest {
  private static final String PROGRAM = Shipped.class.getName();

  private final Codec here = new Codec(Shipped.class.getClassLoader());
  private final Codec there = new Codec(new Copying("there"));

  /** Has its own copy of the program, and shares everything else. */
  private static final class Copying extends ClassLoader {
    Copying(String name) {
      super(name, Shipped.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(PROGRAM) && !name.startsWith(PROGRAM + "$")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known != null ? known : findClass(name);
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /** Has nothing of the program. */
  private static final class Ignorant extends ClassLoader {
    Ignorant() {
      super("ignorant", Shipped.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(PROGRAM)) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lambda, there x",
    "captures, there x41",
    "this, there x5",
    "reference, there x",
    "anonymous, there x415",
    "localRecord, there x1r",
    "enum, there xHIGH10true",
    "generics, 'there xLOW{k=[Optional[HIGH]]}'",
    "comparator, 'there x{b=2, a=1}'"
  })
  void function_decodedThere_runsWithTheClassesThere(String name, String expected)
      throws Exception {
    Serializable function = Shipped.function(name);
    Codec.EncodedCall call = here.encode(function, new Object[] {"x"}, LIMIT);
    assertThat(there.decode(call.function(), call.arguments()).run()).isEqualTo(expected);
  }

  @Test
  void value_decodedThere_hasTheClassThere() {
    Object value = there.decodeValue(here.encodeValue(Shipped.value(), LIMIT));
    assertThat(value).hasToString(Shipped.value().toString()).isNotInstanceOf(Shipped.Box.class);
    Object back = here.decodeValue(there.encodeValue(value, LIMIT));
    assertThat(back).isEqualTo(Shipped.value());
  }

  @Test
  void exceptionOfThere_comesBackAsItselfWhereItsClassIsKnown() {
    Bytes failure = there.encodeFailure(failureOfThere());
    Throwable got = here.decodeFailure(failure);
    assertThat(got).isExactlyInstanceOf(Shipped.Unlucky.class).hasMessage("there fails");
    assertThat(got.getCause()).isExactlyInstanceOf(IllegalStateException.class);
  }

  @Test
  void exceptionOfThere_isStoodForWhereItsClassIsUnknown() {
    Throwable sent = failureOfThere();
    Throwable got = new Codec(new Ignorant()).decodeFailure(there.encodeFailure(sent));
    assertThat(got)
        .isInstanceOf(RemoteException.class)
        .hasMessage(PROGRAM + "$Unlucky: there fails");
    assertThat(got.getStackTrace()[0]).hasToString(sent.getStackTrace()[0].toString());
    assertThat(got.getStackTrace()[0].toString()).startsWith("there//" + PROGRAM);
    assertThat(got.getCause()).isExactlyInstanceOf(IllegalStateException.class).hasMessage("inner");
  }

  private Throwable failureOfThere() {
    Codec.EncodedCall call = here.encode(Shipped.failing(), new Object[0], LIMIT);
    return catchThrowable(() -> there.decode(call.function(), call.arguments()).run());
  }

  @Test
  void classesOfTheLoaderOfAFunction_areKnownOnceItWasEncoded() throws Exception {
    Codec ignorant = new Codec(new Ignorant());
    Codec.EncodedCall call = ignorant.encode(Shipped.function("lambda"), new Object[] {"x"}, LIMIT);
    assertThat(ignorant.decode(call.function(), call.arguments()).run())
        .isEqualTo(here.decode(call.function(), call.arguments()).run());
    Object value = ignorant.decodeValue(ignorant.encodeValue(Shipped.value(), LIMIT));
    assertThat(value).isExactlyInstanceOf(Shipped.Box.class).isEqualTo(Shipped.value());
  }

  @Test
  void codeAndValues_ofUnknownClasses_areRefusedByName() {
    Codec ignorant = new Codec(new Ignorant());
    Codec.EncodedCall call = here.encode(Shipped.function("lambda"), new Object[] {"x"}, LIMIT);
    assertThatThrownBy(() -> ignorant.decode(call.function(), call.arguments()))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining(PROGRAM);
    Bytes value = here.encodeValue(Shipped.value(), LIMIT);
    assertThatThrownBy(() -> ignorant.decodeValue(value))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining(PROGRAM + "$Box) cannot be decoded: its class is not known here");
  }
}
