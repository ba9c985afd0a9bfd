package dev.grain.code;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.EncodingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.chrono.Chronology;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the JDK has ready made: it comes back equal, or is refused. */
class JdkConstantsCodingTest {
  private static final Instant WINTER = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void constants_ofTheJdk_comeBackEqualOrAreRefused() throws IOException {
    List<Object> constants = new ArrayList<>();
    for (Class<?> each : publicClasses()) {
      for (Field field : each.getFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getDeclaringClass() == each) {
          constants.add(valueOf(field));
        }
      }
    }
    assertThat(constants).hasSizeGreaterThan(1_000);
    assertThat(wrong(constants)).isEmpty();
  }

  private static List<Class<?>> publicClasses() throws IOException {
    Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
    List<Class<?>> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(base.resolve("java"))) {
      for (Path each : files.filter(file -> file.toString().endsWith(".class")).toList()) {
        String file = base.relativize(each).toString();
        String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
        Class<?> type = Class.forName(Object.class.getModule(), name);
        if (type != null
            && Modifier.isPublic(type.getModifiers())
            && type.getModule().isExported(type.getPackageName())) {
          found.add(type);
        }
      }
    }
    return found;
  }

  private static Object valueOf(Field field) {
    try {
      return field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void localesZonesAndTheLike_comeBackEqual() {
    List<Object> values = new ArrayList<>(List.of(Locale.getAvailableLocales()));
    values.addAll(Currency.getAvailableCurrencies());
    values.addAll(Charset.availableCharsets().values());
    values.addAll(Chronology.getAvailableChronologies());
    for (String id : ZoneId.getAvailableZoneIds()) {
      values.add(ZoneId.of(id));
      values.add(TimeZone.getTimeZone(id));
    }
    assertThat(wrong(values)).isEmpty();
  }

  @Test
  void hourThatComesTwice_keepsItsOffset() {
    List<Object> times = new ArrayList<>();
    for (String id : ZoneId.getAvailableZoneIds()) {
      ZoneId zone = ZoneId.of(id);
      ZoneOffsetTransition next = zone.getRules().nextTransition(WINTER);
      for (int i = 0; i < 2 && next != null; i++) {
        ZonedDateTime before = next.getDateTimeBefore().minusSeconds(1).atZone(zone);
        times.add(before.withEarlierOffsetAtOverlap());
        times.add(before.withLaterOffsetAtOverlap());
        next = zone.getRules().nextTransition(next.getInstant());
      }
    }
    assertThat(wrong(times)).isEmpty();
  }

  /** Returns those that come back as something else, with what they come back as. */
  private static List<String> wrong(Collection<?> values) {
    List<String> wrong = new ArrayList<>();
    for (Object each : values) {
      try {
        Object got = Coding.copy(each);
        if (!isSame(each, got)) {
          wrong.add(each + " (" + each.getClass().getName() + ") -> " + got);
        }
      } catch (EncodingException e) {
        assertThat(e).hasMessageContaining(" cannot be encoded: ");
      }
    }
    return wrong;
  }

  /** Compares by what Java serialization writes where there is no other way. */
  private static boolean isSame(Object sent, Object got) {
    if (sent == null || sent.equals(got) || sent.getClass().isArray()) {
      return sent != null || got == null;
    }
    return got != null
        && sent.getClass() == got.getClass()
        && (!(sent instanceof Serializable) || Arrays.equals(serialized(sent), serialized(got)));
  }

  private static byte[] serialized(Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new AssertionError(value.toString(), e);
    }
    return bytes.toByteArray();
  }
}
