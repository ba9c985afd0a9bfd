package dev.grain.benchmarks;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.StringWriter;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;
import org.w3c.dom.Document;

/** Draws charts as SVG that can be read on a light and on a dark page. */
final class ChartDrawing {
  private static final int WIDTH = 860;
  private static final int BAR = 17;
  private static final int BETWEEN = 12;
  private static final int AROUND = 110;

  /** In the middle between light and dark. */
  private static final List<Color> SERIES =
      List.of(
          new Color(0x3f84c5),
          new Color(0xd98032),
          new Color(0x58a15c),
          new Color(0xb0629c),
          new Color(0x8d8d8d));

  private static final Color LINES = new Color(128, 128, 128, 110);
  private static final Color MARK = new Color(0xc94f4f);
  private static final BasicStroke MARKED = new BasicStroke(1.5f);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  /** Texts are in the ink of the page that they are on. */
  private static final String STYLE =
      """
      <style>
        text { fill: #24292f !important; }
        @media (prefers-color-scheme: dark) { text { fill: #dfe4ea !important; } }
      </style>
      """;

  private ChartDrawing() {}

  /** Returns the chart as the text of an SVG file. */
  static String svg(Chart chart) throws IOException {
    int bars = chart.values().values().stream().mapToInt(each -> each.size()).sum();
    int height = AROUND + bars * BAR + chart.categories().size() * BETWEEN;
    Document document = document();
    SVGGraphics2D graphics = new SVGGraphics2D(document);
    graphics.setSVGCanvasSize(new Dimension(WIDTH, height));
    draw(chart).draw(graphics, new Rectangle(WIDTH, height));
    StringWriter written = new StringWriter();
    graphics.stream(written, true);
    String text = written.toString();
    int root = text.indexOf("<svg");
    int inside = text.indexOf('>', root) + 1;
    return text.substring(root, inside)
        + "\n"
        + STYLE
        + text.substring(inside).stripTrailing()
        + "\n";
  }

  private static Document document() {
    try {
      return DocumentBuilderFactory.newNSInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument("http://www.w3.org/2000/svg", "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("This JDK cannot make a document", e);
    }
  }

  private static JFreeChart draw(Chart chart) {
    DefaultCategoryDataset data = new DefaultCategoryDataset();
    chart
        .values()
        .forEach((series, bars) ->
            bars.forEach((category, value) -> data.addValue(value, series, category)));
    boolean several = chart.values().size() > 1;
    JFreeChart drawn =
        ChartFactory.createBarChart(
            chart.title(), null, null, data, PlotOrientation.HORIZONTAL, several, false, false);
    drawn.setBackgroundPaint(null);
    drawn.getTitle().setFont(TEXT.deriveFont(Font.BOLD, 15f));
    if (several) {
      drawn.getLegend().setBackgroundPaint(null);
      drawn.getLegend().setFrame(BlockBorder.NONE);
      drawn.getLegend().setItemFont(TEXT);
    }
    CategoryPlot plot = drawn.getCategoryPlot();
    plot.setBackgroundPaint(null);
    plot.setOutlineVisible(false);
    plot.setRangeGridlinePaint(LINES);
    plot.setRangeGridlineStroke(new BasicStroke(1));
    plot.setRangeAxis(valueAxis(chart));
    CategoryAxis categories = plot.getDomainAxis();
    categories.setTickLabelFont(TEXT);
    categories.setAxisLinePaint(LINES);
    categories.setTickMarksVisible(false);
    categories.setMaximumCategoryLabelWidthRatio(0.5f);
    plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_RIGHT);
    chart.mark().ifPresent(mark -> plot.addRangeMarker(new ValueMarker(mark, MARK, MARKED)));
    plot.setRenderer(renderer(chart));
    return drawn;
  }

  private static ValueAxis valueAxis(Chart chart) {
    ValueAxis axis;
    if (chart.logarithmic()) {
      LogAxis logarithmic = new LogAxis(chart.axis());
      logarithmic.setNumberFormatOverride(new Figures());
      logarithmic.setTickUnit(new NumberTickUnit(1));
      logarithmic.setRange(base(chart), Math.max(largest(chart), base(chart)) * 4);
      axis = logarithmic;
    } else {
      NumberAxis linear = new NumberAxis(chart.axis());
      linear.setUpperMargin(0.15);
      axis = linear;
    }
    axis.setLabelFont(TEXT);
    axis.setTickLabelFont(TEXT);
    axis.setAxisLineVisible(false);
    axis.setTickMarksVisible(false);
    return axis;
  }

  /** Where the bars start: on a logarithmic axis at the power of ten below the smallest. */
  private static double base(Chart chart) {
    return chart.logarithmic() ? Math.pow(10, Math.floor(Math.log10(smallest(chart) / 2))) : 0;
  }

  private static double smallest(Chart chart) {
    return all(chart).filter(value -> value > 0).min().orElse(1);
  }

  private static double largest(Chart chart) {
    return all(chart).max().orElse(1);
  }

  private static DoubleStream all(Chart chart) {
    return chart.values().values().stream()
        .flatMap(bars -> bars.values().stream())
        .mapToDouble(Double::doubleValue);
  }

  private static BarRenderer renderer(Chart chart) {
    BarRenderer renderer = new BarRenderer();
    renderer.setBarPainter(new StandardBarPainter());
    renderer.setShadowVisible(false);
    renderer.setDrawBarOutline(false);
    renderer.setItemMargin(0.05);
    renderer.setBase(base(chart));
    renderer.setDefaultItemLabelGenerator(
        new StandardCategoryItemLabelGenerator("{2}", new Figures()));
    renderer.setDefaultItemLabelsVisible(true);
    renderer.setDefaultItemLabelFont(TEXT);
    renderer.setDefaultPositiveItemLabelPosition(
        new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
    for (int i = 0; i < chart.values().size(); i++) {
      renderer.setSeriesPaint(i, SERIES.get(i % SERIES.size()));
    }
    return renderer;
  }

  /** Three digits, or more before the point. */
  private static final class Figures extends NumberFormat {
    private static final long serialVersionUID = 1;

    @Override
    public StringBuffer format(double number, StringBuffer text, FieldPosition position) {
      int decimals = number == 0 ? 0 : (int) Math.clamp(2 - Math.floor(Math.log10(number)), 0, 9);
      DecimalFormat format =
          new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT));
      format.setMaximumFractionDigits(decimals);
      return format.format(number, text, position);
    }

    @Override
    public StringBuffer format(long number, StringBuffer text, FieldPosition position) {
      return format((double) number, text, position);
    }

    @Override
    public Number parse(String text, ParsePosition position) {
      throw new UnsupportedOperationException("Figures are only written");
    }
  }
}
