package dev.grain.code;

import static dev.grain.code.Coding.copy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.text.SimpleDateFormat;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.JapaneseDate;
import java.time.chrono.ThaiBuddhistDate;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.Deque;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Random;
import java.util.SequencedCollection;
import java.util.Set;
import java.util.SimpleTimeZone;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Classes of the JDK, whose fields are closed to us. */
class JdkValueCodingTest {
  record Item(String name) {}

  @SuppressWarnings({"JavaUtilDate", "JdkObsolete"}) // users have them
  static Stream<Object> equalAfterwards() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("k", "v");
    return Stream.of(
        UUID.fromString("a4905220-ba8f-4c71-adbe-5d3f97f06ece"),
        new BigDecimal("1.50"),
        new BigInteger("123456789012345678901234567890"),
        URI.create("https://example.org/a?b=c#d"),
        URI.create("https://example.org/path").toURL(),
        Path.of("some", "relative", "path"),
        Path.of("/tmp/x y").toAbsolutePath(),
        new File("/tmp/a"),
        Locale.forLanguageTag("de-CH-1996"),
        Locale.forLanguageTag("sr-Latn-RS"),
        Locale.forLanguageTag("th-TH-u-nu-thai"),
        Locale.forLanguageTag("x-private"),
        Locale.of("ja", "JP", "JP"),
        Locale.of("no", "NO", "NY"),
        Locale.of("ü", "a b", "?"),
        Locale.ROOT,
        StandardCharsets.UTF_16BE,
        Charset.forName("windows-1252"),
        InetAddress.getByAddress("name", new byte[] {10, 0, 0, 1}),
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), 80),
        Currency.getInstance("EUR"),
        TimeZone.getTimeZone("Europe/Berlin"),
        new Date(123),
        new GregorianCalendar(2026, 1, 2),
        Duration.ofNanos(123_456_789_012L),
        Instant.ofEpochSecond(5, 6),
        LocalDate.of(2026, 11, 21),
        LocalTime.of(1, 2, 3, 4),
        LocalDateTime.of(2026, 11, 21, 1, 2),
        OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.ofHours(2)),
        ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneId.of("Europe/Berlin")),
        ZonedDateTime.of(-999_999_999, 1, 1, 0, 0, 0, 0, ZoneId.of("Europe/Berlin")),
        ZonedDateTime.of(999_999_999, 12, 31, 23, 59, 59, 999_999_999, ZoneOffset.MIN),
        ZonedDateTime.parse("2026-10-25T02:30+02:00[Europe/Berlin]"),
        ZonedDateTime.parse("2026-10-25T02:30+01:00[Europe/Berlin]"),
        ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneId.of("UTC+01:00")),
        ZoneId.of("Asia/Tokyo"),
        ZoneId.of("GMT-3"),
        OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofTotalSeconds(-3_601)),
        Duration.ofSeconds(Long.MIN_VALUE, 1),
        Duration.ofNanos(-1),
        Instant.MIN,
        Instant.MAX,
        LocalDate.MIN,
        LocalDateTime.MAX,
        Period.of(-1, 200, Integer.MIN_VALUE),
        Year.of(Year.MIN_VALUE),
        YearMonth.of(Year.MAX_VALUE, 12),
        MonthDay.of(2, 29),
        ThaiBuddhistDate.of(2569, 1, 1),
        JapaneseDate.of(2026, 1, 1).atTime(LocalTime.NOON).atZone(ZoneId.of("Asia/Tokyo")),
        Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
        new BigDecimal(BigInteger.TEN.pow(60), Integer.MIN_VALUE),
        new BigDecimal("0.000"),
        BigInteger.ONE.shiftLeft(5_000).negate(),
        Double.longBitsToDouble(0x7ff8_0000_0000_0001L),
        -0.0,
        "lone \ud800 surrogate, \u0000 and \udc00",
        new Date(Long.MIN_VALUE),
        new SimpleTimeZone(3_600_001, "made up"),
        Inet6Address.getByAddress("name", new byte[16], -1),
        InetSocketAddress.createUnresolved("host.example", 1),
        new URI("file", null, "/a b", "ü"),
        new DecimalFormat("#,##0.00 ¤", DecimalFormatSymbols.getInstance(Locale.GERMANY)),
        new SimpleDateFormat("dd. MMMM", Locale.GERMANY),
        new MessageFormat("{0,number} of {1}", Locale.FRENCH),
        ZoneOffset.UTC,
        Period.ofDays(3),
        Year.of(2026),
        YearMonth.of(2026, 1),
        MonthDay.of(1, 2),
        DayOfWeek.MONDAY,
        Optional.of(new Item("a")),
        Optional.empty(),
        OptionalInt.of(3),
        BitSet.valueOf(new long[] {5, 9}),
        new ArrayList<>(List.of(new Item("a"))),
        new Vector<>(List.of(new Item("a"))),
        new CopyOnWriteArrayList<>(List.of(new Item("a"))),
        new ConcurrentHashMap<>(Map.of("a", new Item("a"))),
        new ConcurrentSkipListMap<>(Map.of("a", new Item("a"))),
        new EnumMap<>(Map.of(Thread.State.NEW, new Item("a"))),
        new EnumMap<Thread.State, Item>(Thread.State.class),
        EnumSet.of(Thread.State.NEW, Thread.State.RUNNABLE),
        EnumSet.noneOf(Thread.State.class),
        properties,
        List.of(),
        List.of(new Item("a")),
        List.of(1, 2, 3, 4, 5),
        Set.of(),
        Set.of(new Item("a")),
        Set.of(1, 2, 3, 4, 5),
        Map.of(),
        Map.of("a", new Item("a")),
        Map.of(1, 2, 3, 4),
        Map.entry("a", new Item("a")),
        new AbstractMap.SimpleEntry<>("a", null),
        Collections.emptyList(),
        Collections.emptyMap(),
        Collections.emptySet(),
        Collections.singletonList(new Item("a")),
        Collections.singletonMap("a", new Item("a")),
        Collections.nCopies(3, new Item("a")),
        Collections.unmodifiableList(new ArrayList<>(List.of(new Item("a")))),
        Collections.unmodifiableMap(new HashMap<>(Map.of("a", new Item("a")))),
        Collections.unmodifiableSortedMap(new TreeMap<>(Map.of("a", new Item("a")))),
        Collections.synchronizedList(new ArrayList<>(List.of(new Item("a")))),
        Collections.checkedList(new ArrayList<>(List.of("a")), String.class));
  }

  @ParameterizedTest
  @MethodSource("equalAfterwards")
  void value_afterTheWay_isEqualAndOfTheSameClass(Object value) {
    Object got = copy(value);
    assertThat(got).isEqualTo(value);
    assertThat(got.getClass()).isEqualTo(value.getClass());
  }

  @Test
  void mutableNumber_keepsItsValue() {
    assertThat(copy(new AtomicInteger(3))).hasValue(3);
    assertThat(copy(new AtomicLong(4))).hasValue(4);
    assertThat(copy(new AtomicBoolean(true))).isTrue();
    assertThat(copy(new AtomicReference<>(new Item("a")))).hasValue(new Item("a"));
  }

  @Test
  void valueWithoutEquals_keepsItsContent() {
    assertThat(copy(Pattern.compile("a+", Pattern.CASE_INSENSITIVE)).matcher("AA").matches())
        .isTrue();
    assertThat(copy(new StringBuilder("ab"))).hasToString("ab");
    assertThat(copy(new ArrayDeque<>(List.of(new Item("a"))))).containsExactly(new Item("a"));
    LinkedBlockingQueue<Object> queue = new LinkedBlockingQueue<>(2);
    queue.add(new Item("a"));
    assertThat(copy(queue).remainingCapacity()).isEqualTo(1);
    Random random = new Random(1);
    assertThat(copy(random).nextInt()).isEqualTo(new Random(1).nextInt());
    assertThat(copy(new Object())).isExactlyInstanceOf(Object.class);
  }

  static Stream<DoubleStream> numbers() {
    double infinity = Double.POSITIVE_INFINITY;
    return Stream.of(
        DoubleStream.of(),
        DoubleStream.of(1, 2, 4),
        DoubleStream.of(1e16, 1, -1e16, 0.1),
        DoubleStream.of(Double.NaN, 1),
        DoubleStream.of(1, infinity),
        DoubleStream.of(infinity, 1, -infinity),
        DoubleStream.of(infinity, -infinity));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void statistics_areTheSame(DoubleStream numbers) {
    DoubleSummaryStatistics doubles = numbers.summaryStatistics();
    assertThat(copy(doubles)).hasToString(doubles.toString());
  }

  @Test
  void statisticsOfWholeNumbers_areTheSame() {
    for (IntSummaryStatistics each :
        List.of(new IntSummaryStatistics(), IntStream.of(1, 5).summaryStatistics())) {
      assertThat(copy(each)).hasToString(each.toString());
    }
    for (LongSummaryStatistics each :
        List.of(new LongSummaryStatistics(), LongStream.of(1, 1L << 60).summaryStatistics())) {
      assertThat(copy(each)).hasToString(each.toString());
    }
  }

  @Test
  @SuppressWarnings("JdkObsolete") // users have them
  void reversedViews_keepTheirOrder() {
    List<Integer> list = List.of(1, 2, 3);
    for (SequencedCollection<Integer> each :
        List.of(
            new ArrayDeque<>(list).reversed(),
            new ConcurrentLinkedDeque<>(list).reversed(),
            new LinkedBlockingDeque<>(list).reversed(),
            new LinkedList<>(list).reversed(),
            new ArrayList<>(list).reversed(),
            new CopyOnWriteArrayList<>(list).reversed(),
            new LinkedHashSet<>(list).reversed(),
            new TreeSet<>(list).reversed(),
            list.reversed())) {
      SequencedCollection<Integer> got = copy(each);
      assertThat(got).as(each.getClass().getName()).containsExactly(3, 2, 1);
      assertThat(got instanceof Deque<?>).isEqualTo(each instanceof Deque<?>);
    }
  }

  @Test
  void identityHashMap_keepsIdentity() {
    Item key = new Item("a");
    IdentityHashMap<Object, Object> map = new IdentityHashMap<>();
    map.put(key, 1);
    List<Object> got = copy(List.of(key, map));
    assertThat(((Map<?, ?>) got.get(1)).get(got.get(0))).isEqualTo(1);
  }

  @Test
  void pathOfOtherFileSystem_arrivesWhereThatIsOpen() throws Exception {
    URL jar = Test.class.getProtectionDomain().getCodeSource().getLocation();
    try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar), Map.of())) {
      Path path = zip.getPath("/META-INF");
      assertThat(copy(path)).isEqualTo(path);
    }
  }

  @Test
  void throwable_asAValue_keepsStackCauseAndSuppressed() {
    Exception sent = new Exception("m", new IllegalStateException("inner"));
    sent.addSuppressed(new RuntimeException("other"));
    Exception got = copy(sent);
    assertThat(got).hasMessage("m").hasRootCauseMessage("inner");
    assertThat(got.getStackTrace()).isEqualTo(sent.getStackTrace());
    assertThat(got.getSuppressed()).hasSize(1);
  }
}
