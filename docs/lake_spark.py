#!/usr/bin/env python3
"""The cheapest price of a GPU on each day of a lake, by Spark in local mode.

Usage: lake_spark.py LAKE [GPU] [MARKET]. Needs pyspark (4.3.0 was run) and a Java runtime (17). Prints CSV: day, US dollars per
GPU-hour, provider. With a lake on S3 start it by `spark-submit --packages org.apache.hadoop:hadoop-aws:...` and name `s3a://...`.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

lake = sys.argv[1].rstrip("/")
gpu = sys.argv[2] if len(sys.argv) > 2 else "rtx-4090"
market = sys.argv[3] if len(sys.argv) > 3 else "on_demand"

spark = (
    SparkSession.builder.master("local[2]")
    .appName("gpurate lake")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "4")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")

days = (
    spark.read.parquet(f"{lake}/daily_state")
    .where((f.col("gpu_group") == gpu) & (f.col("market") == market) & (f.col("gpu_count") == "1"))
    .where(f.col("lowest_usd_per_gpu_hour").isNotNull())
    .groupBy("date")
    # The provider of the lowest price; of two the first by name.
    .agg(f.min(f.struct("lowest_usd_per_gpu_hour", "provider")).alias("cheapest"))
    .select("date", "cheapest.*")
    .orderBy("date")
)
print("day,usd_per_gpu_hour,provider")
for row in days.collect():
    print(f"{row['date']},{row['lowest_usd_per_gpu_hour']},{row['provider']}")
spark.stop()
