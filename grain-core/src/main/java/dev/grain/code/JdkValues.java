package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.io.Serializable;
import java.net.URI;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.DoubleSummaryStatistics;
import java.util.IntSummaryStatistics;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How small values of the JDK are encoded that Kryo would open by reflection. */
final class JdkValues {
  private JdkValues() {}

  /** Returns the serializer for the class, or null if there is none. */
  static @Nullable Serializer<?> serializerOf(References references, Class<?> type) {
    if (type == UUID.class) {
      return new Small<UUID>(
          (out, id) -> {
            out.writeLong(id.getMostSignificantBits());
            out.writeLong(id.getLeastSignificantBits());
          },
          in -> new UUID(in.readLong(), in.readLong()));
    }
    if (type == URI.class) {
      return new Small<URI>(
          (out, uri) -> out.writeString(uri.toString()), in -> URI.create(in.readString()));
    }
    if (type == Locale.class) {
      return new Small<Locale>(JdkValues::writeLocale, JdkValues::readLocale);
    }
    if (type == ZonedDateTime.class) {
      return new Small<ZonedDateTime>(JdkValues::writeTime, JdkValues::readTime);
    }
    if (type == IntSummaryStatistics.class) {
      return new Small<IntSummaryStatistics>(
          (out, all) -> {
            out.writeLong(all.getCount());
            out.writeInt(all.getMin());
            out.writeInt(all.getMax());
            out.writeLong(all.getSum());
          },
          in -> new IntSummaryStatistics(in.readLong(), in.readInt(), in.readInt(), in.readLong()));
    }
    if (type == LongSummaryStatistics.class) {
      return new Small<LongSummaryStatistics>(
          (out, all) -> {
            out.writeLong(all.getCount());
            out.writeLong(all.getMin());
            out.writeLong(all.getMax());
            out.writeLong(all.getSum());
          },
          in ->
              new LongSummaryStatistics(
                  in.readLong(), in.readLong(), in.readLong(), in.readLong()));
    }
    if (type == DoubleSummaryStatistics.class) {
      return new Small<DoubleSummaryStatistics>(
          (out, all) -> {
            out.writeLong(all.getCount());
            out.writeDouble(all.getMin());
            out.writeDouble(all.getMax());
            out.writeDouble(all.getSum());
          },
          in -> statistics(in.readLong(), in.readDouble(), in.readDouble(), in.readDouble()));
    }
    if (type == AtomicInteger.class) {
      return new Small<AtomicInteger>(
          (out, value) -> out.writeInt(value.get()), in -> new AtomicInteger(in.readInt()));
    }
    if (type == AtomicLong.class) {
      return new Small<AtomicLong>(
          (out, value) -> out.writeLong(value.get()), in -> new AtomicLong(in.readLong()));
    }
    if (type == AtomicBoolean.class) {
      return new Small<AtomicBoolean>(
          (out, value) -> out.writeBoolean(value.get()), in -> new AtomicBoolean(in.readBoolean()));
    }
    if (type == AtomicReference.class) {
      return new AtomicReferenceSerializer();
    }
    if (Map.Entry.class.isAssignableFrom(type) && !Serializable.class.isAssignableFrom(type)) {
      boolean immutable = type == Map.entry(1, 1).getClass();
      return new BuiltLastSerializer(
          references,
          entry ->
              new Object[] {
                ((Map.Entry<?, ?>) entry).getKey(), ((Map.Entry<?, ?>) entry).getValue()
              },
          parts -> JdkCollections.entry(parts[0], parts[1], immutable),
          true);
    }
    return null;
  }

  private static DoubleSummaryStatistics statistics(
      long count, double min, double max, double sum) {
    if (Double.isNaN(min) || !Double.isNaN(sum)) {
      return new DoubleSummaryStatistics(count, min, max, sum);
    }
    // both infinities are among the values, which the constructor does not take for possible
    DoubleSummaryStatistics all = new DoubleSummaryStatistics(count - 2, 0, 0, 0);
    all.accept(min);
    all.accept(max);
    return all;
  }

  /** Writes the tag; of a locale that has none, its parts, with a null in front. */
  private static void writeLocale(Output out, Locale locale) {
    String tag = locale.toLanguageTag();
    boolean tagged = Locale.forLanguageTag(tag).equals(locale);
    out.writeString(tagged ? tag : null);
    if (!tagged) {
      out.writeString(locale.getLanguage());
      out.writeString(locale.getCountry());
      out.writeString(locale.getVariant());
    }
  }

  private static Locale readLocale(Input in) {
    String tag = in.readString();
    return tag == null
        ? Locale.of(in.readString(), in.readString(), in.readString())
        : Locale.forLanguageTag(tag);
  }

  /** Writes the offset too: an hour that comes twice in a zone has two. */
  private static void writeTime(Output out, ZonedDateTime time) {
    out.writeLong(time.toEpochSecond());
    out.writeInt(time.getNano());
    out.writeInt(time.getOffset().getTotalSeconds());
    out.writeString(time.getZone().getId());
  }

  private static ZonedDateTime readTime(Input in) {
    long second = in.readLong();
    int nano = in.readInt();
    ZoneOffset offset = ZoneOffset.ofTotalSeconds(in.readInt());
    LocalDateTime local = LocalDateTime.ofEpochSecond(second, nano, offset);
    return ZonedDateTime.ofInstant(local, offset, ZoneId.of(in.readString()));
  }

  /** Writes a value without parts. */
  @FunctionalInterface
  private interface Writer<T> {
    void write(Output output, T value);
  }

  /** Reads a value without parts. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(Input input);
  }

  /** A value without parts. */
  private static final class Small<T> extends Serializer<T> {
    private final Writer<T> writer;
    private final Reader<T> reader;

    Small(Writer<T> writer, Reader<T> reader) {
      this.writer = writer;
      this.reader = reader;
    }

    @Override
    public void write(Kryo kryo, Output output, T value) {
      writer.write(output, value);
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
      return reader.read(input);
    }
  }

  /** A reference that can be changed; a cycle through it is fine. */
  private static final class AtomicReferenceSerializer extends Serializer<Object> {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      if (kryo.getDepth() > Engine.MAX_DEPTH) {
        throw EncodingRefusal.ofDepth(object.getClass());
      }
      kryo.writeClassAndObject(output, ((AtomicReference<?>) object).get());
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<?> type) {
      AtomicReference<@Nullable Object> reference = new AtomicReference<>();
      kryo.reference(reference);
      reference.set(kryo.readClassAndObject(input));
      return reference;
    }
  }
}
