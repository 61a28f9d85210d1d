-- Queries of the kinds that analysts write, one a line, on odd.csv beside this file. This engine and DuckDB give the
-- same rows (in the order that ORDER BY asks for, in any order without); numbers agree to 1e-9.
SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp ORDER BY n DESC, isp
SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp ORDER BY COUNT(*) DESC, isp
SELECT isp, COUNT(*) FROM sessions GROUP BY isp ORDER BY COUNT(*) DESC
SELECT isp, SUM(p2p) s FROM sessions GROUP BY isp ORDER BY SUM(p2p)
SELECT isp, SUM(p2p) s FROM sessions GROUP BY isp ORDER BY s/2 DESC
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING COUNT(*) > 550 ORDER BY n
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING n > 550 ORDER BY n
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING AVG(p2p) > 3.6e7 ORDER BY n
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING AVG(p2p) > 36000000 ORDER BY n
SELECT isp, COUNT(*) FILTER (WHERE p2p > 0) AS n FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, SUM(p2p) FILTER (WHERE connected) AS n, AVG(cdn) FILTER (WHERE NOT connected) m FROM sessions GROUP BY isp ORDER BY isp
SELECT COUNT(*) FILTER (WHERE p2p = 0) * 1.0 / COUNT(*) AS share FROM sessions
SELECT COUNT(*), COUNT(isp), COUNT(DISTINCT isp), SUM(age), AVG(age), MIN(p2p), MAX(p2p) FROM sessions
SELECT COUNT(*) n, COUNT(isp) a, COUNT(DISTINCT isp) b, SUM(age) c, AVG(age) d, MIN(isp) e, MAX(isp) f FROM sessions
SELECT SUM(age) s FROM sessions WHERE age > 1000
SELECT COUNT(*) n, SUM(p2p) s, AVG(p2p) a, MIN(p2p) m FROM sessions WHERE stream > 1000
SELECT isp, SUM(age) s FROM sessions WHERE age IS NULL GROUP BY isp
SELECT DISTINCT isp FROM sessions ORDER BY isp
SELECT DISTINCT isp, browser FROM sessions ORDER BY isp, browser
SELECT DISTINCT isp FROM sessions ORDER BY isp DESC
SELECT isp FROM sessions GROUP BY isp ORDER BY isp NULLS FIRST
SELECT isp FROM sessions GROUP BY isp ORDER BY isp DESC NULLS LAST
SELECT age, COUNT(*) n FROM sessions GROUP BY age ORDER BY age
SELECT age, COUNT(*) n FROM sessions GROUP BY age ORDER BY age DESC
SELECT age FROM sessions GROUP BY age ORDER BY age DESC LIMIT 3
SELECT age FROM sessions GROUP BY age ORDER BY age LIMIT 3 OFFSET 2
SELECT stream, COUNT(*) n FROM sessions GROUP BY 1 ORDER BY 1
SELECT stream, COUNT(*) n FROM sessions GROUP BY 1 ORDER BY 2 DESC, 1
SELECT stream % 2 AS odd, COUNT(*) n FROM sessions GROUP BY odd ORDER BY odd
SELECT stream % 2 AS odd, COUNT(*) n FROM sessions GROUP BY stream % 2 ORDER BY odd
SELECT upper(isp) AS isp, COUNT(*) n FROM sessions GROUP BY isp
SELECT lower(country) AS country, COUNT(*) n FROM sessions GROUP BY lower(country) ORDER BY country
SELECT lower(country) AS c, COUNT(*) n FROM sessions GROUP BY c ORDER BY c
SELECT lower(country) AS c, COUNT(*) n FROM sessions GROUP BY 1 ORDER BY 1
SELECT isp, browser, AVG(p2p/(p2p+cdn)) AS o FROM sessions WHERE p2p+cdn > 0 GROUP BY isp, browser ORDER BY isp, browser
SELECT isp, AVG(p2p/(p2p+cdn)) AS o FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, SUM(p2p)/SUM(p2p+cdn) AS o FROM sessions GROUP BY isp ORDER BY isp
SELECT AVG(CAST(connected AS INT)) a FROM sessions
SELECT AVG(CASE WHEN connected THEN 1.0 ELSE 0.0 END) a FROM sessions
SELECT AVG(CASE WHEN connected THEN 1 ELSE 0 END) a FROM sessions
SELECT AVG(CASE WHEN connected THEN 1 END) a, SUM(CASE WHEN p2p>0 THEN 1 ELSE 0 END) s FROM sessions
SELECT SUM(connected) FROM sessions
SELECT 7/2 AS a, 7/2.0 AS b, -7/2 AS c, 7%3 AS d, -7%3 AS e, 2*3+1 AS f
SELECT age/2 AS h FROM sessions ORDER BY h LIMIT 20
SELECT age/stream AS h FROM sessions ORDER BY h LIMIT 20
SELECT age%2 AS h, COUNT(*) n FROM sessions GROUP BY h ORDER BY h
SELECT 1/0 AS a, 1.0/0 AS b, 0.0/0 AS c
SELECT COUNT(*)/7 AS a, COUNT(*)*1.0/7 AS b, SUM(age)/COUNT(*) AS c FROM sessions
SELECT ROUND(AVG(p2p), 2) a, ROUND(AVG(p2p)) b, ROUND(2.5) c, ROUND(-2.5) d, ROUND(3.5) e, ROUND(0.125,2) f FROM sessions
SELECT SIGN(-2) a, MOD(7,3) b, PI() c, GREATEST(1,2,3) d, LEAST(1,2,3) e
SELECT GREATEST(p2p,cdn) g, LEAST(p2p,cdn) l FROM sessions
SELECT CAST(connected AS VARCHAR) a, COUNT(*) n FROM sessions GROUP BY a ORDER BY a
SELECT stream::VARCHAR || '-' || isp AS k, COUNT(*) n FROM sessions GROUP BY k ORDER BY k
SELECT CONCAT(isp, ' ', browser) AS k, COUNT(*) n FROM sessions GROUP BY k ORDER BY k
SELECT COUNT(*) n FROM sessions WHERE isp LIKE '%a%'
SELECT COUNT(*) n FROM sessions WHERE isp ILIKE 'a%'
SELECT COUNT(*) n FROM sessions WHERE isp NOT LIKE '%a%'
SELECT COUNT(*) n FROM sessions WHERE note LIKE 'a_b'
SELECT COUNT(*) n FROM sessions WHERE note LIKE '%\\%%'
SELECT COUNT(*) n FROM sessions WHERE note LIKE '_'
SELECT COUNT(*) n FROM sessions WHERE note LIKE 'a.b'
SELECT COUNT(*) n FROM sessions WHERE note = 'O''Neil'
SELECT COUNT(*) n FROM sessions WHERE note = ''
SELECT COUNT(*) n FROM sessions WHERE isp IN ('BTP','Fro')
SELECT COUNT(*) n FROM sessions WHERE isp NOT IN ('BTP','Fro')
SELECT COUNT(*) n FROM sessions WHERE isp NOT IN ('BTP',NULL)
SELECT COUNT(*) n FROM sessions WHERE isp IN ('BTP',NULL)
SELECT COUNT(*) n FROM sessions WHERE age IN (1,2,NULL)
SELECT COUNT(*) n FROM sessions WHERE age NOT IN (1,2)
SELECT COUNT(*) n FROM sessions WHERE age IN (1.0, 2.5)
SELECT COUNT(*) n FROM sessions WHERE stream IN (1, 2) AND connected
SELECT COUNT(*) n FROM sessions WHERE NOT connected
SELECT COUNT(*) n FROM sessions WHERE connected = false
SELECT COUNT(*) n FROM sessions WHERE connected IS NOT TRUE
SELECT COUNT(*) n FROM sessions WHERE connected IS FALSE
SELECT COUNT(*) n FROM sessions WHERE connected IS NULL
SELECT COUNT(*) n FROM sessions WHERE (p2p > 0) IS NULL
SELECT COUNT(*) n FROM sessions WHERE isp <> 'BTP'
SELECT COUNT(*) n FROM sessions WHERE isp != 'BTP' OR isp IS NULL
SELECT COUNT(*) n FROM sessions WHERE isp = NULL
SELECT COUNT(*) n FROM sessions WHERE isp IS DISTINCT FROM 'BTP'
SELECT COUNT(*) n FROM sessions WHERE isp IS NOT DISTINCT FROM NULL
SELECT COUNT(*) n FROM sessions WHERE p2p BETWEEN 1 AND 100000000
SELECT COUNT(*) n FROM sessions WHERE p2p NOT BETWEEN 1 AND 100000000
SELECT COUNT(*) n FROM sessions WHERE isp BETWEEN 'A' AND 'D'
SELECT COUNT(*) n FROM sessions WHERE p2p + cdn > 100e6 AND p2p > 0
SELECT COUNT(*) n FROM sessions WHERE p2p > 1E8
SELECT COUNT(*) n FROM sessions WHERE p2p > 1.5e-3
SELECT COALESCE(isp, 'none') AS i, COUNT(*) n FROM sessions GROUP BY i ORDER BY i
SELECT COALESCE(age, 0) a, COUNT(*) n FROM sessions GROUP BY a ORDER BY a
SELECT COALESCE(age, 0.5) a, COUNT(*) n FROM sessions GROUP BY a ORDER BY a
SELECT NULLIF(isp, 'BTP') AS i, COUNT(*) n FROM sessions GROUP BY i ORDER BY i
SELECT AVG(p2p / NULLIF(p2p + cdn, 0)) AS o FROM sessions
SELECT isp, AVG(p2p / NULLIF(p2p + cdn, 0)) AS o FROM sessions GROUP BY isp ORDER BY isp
SELECT IFNULL(age, -1) a, COUNT(*) n FROM sessions GROUP BY a ORDER BY a
SELECT CASE WHEN p2p = 0 THEN 'CDN only' WHEN p2p > cdn THEN 'mostly P2P' ELSE 'mixed' END AS k, COUNT(*) n FROM sessions GROUP BY k ORDER BY k
SELECT CASE isp WHEN 'BTP' THEN 1 WHEN 'Fro' THEN 2 ELSE 0 END AS k, COUNT(*) n FROM sessions GROUP BY k ORDER BY k
SELECT CASE WHEN p2p > 0 THEN isp END AS k, COUNT(*) n FROM sessions GROUP BY k ORDER BY k
SELECT MEDIAN(p2p) m, MEDIAN(age) a FROM sessions
SELECT isp, MEDIAN(cdn) m FROM sessions GROUP BY isp ORDER BY isp
SELECT QUANTILE_CONT(p2p, 0.9) q FROM sessions
SELECT QUANTILE_DISC(p2p, 0.9) q FROM sessions
SELECT isp, QUANTILE_CONT(cdn, 0.25) q FROM sessions GROUP BY isp ORDER BY isp
SELECT STDDEV(p2p) a, STDDEV_SAMP(p2p) b, VARIANCE(p2p) d, VAR_SAMP(p2p) e FROM sessions
SELECT isp, STDDEV(age) s FROM sessions GROUP BY isp ORDER BY isp
SELECT CORR(p2p, cdn) c, COVAR_SAMP(p2p, cdn) d FROM sessions
SELECT isp, CORR(p2p, cdn) c FROM sessions GROUP BY isp ORDER BY isp
SELECT COVAR_POP(p2p, cdn) d FROM sessions
SELECT FIRST(isp) FROM sessions
SELECT isp, n, RANK() OVER (ORDER BY n DESC) AS r FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) t ORDER BY r
SELECT isp, n, n * 1.0 / SUM(n) OVER () AS share FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) t ORDER BY isp
WITH c AS (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) SELECT isp, n, 100.0 * n / SUM(n) OVER () AS share FROM c ORDER BY n DESC
WITH c AS (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) SELECT isp, browser, n, n * 1.0 / SUM(n) OVER (PARTITION BY isp) AS share FROM c ORDER BY isp, browser
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, LAG(n) OVER (ORDER BY stream) AS p, LEAD(n) OVER (ORDER BY stream) AS q FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, SUM(n) OVER (ORDER BY stream ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, DENSE_RANK() OVER (ORDER BY stream % 3) AS p, RANK() OVER (ORDER BY stream % 3) AS q FROM c ORDER BY stream
WITH c AS (SELECT age, COUNT(*) n FROM sessions GROUP BY age) SELECT age, RANK() OVER (ORDER BY age) AS q, ROW_NUMBER() OVER (ORDER BY age DESC) r FROM c ORDER BY age
SELECT isp, p2p, AVG(p2p) OVER (PARTITION BY isp) AS m FROM sessions WHERE stream = 3 ORDER BY isp, p2p, cdn
SELECT isp, p2p - AVG(p2p) OVER (PARTITION BY isp) AS m FROM sessions WHERE stream = 3
SELECT isp, COUNT(*) OVER (PARTITION BY isp) AS m, stream FROM sessions
SELECT COUNT(*) OVER () AS m FROM sessions
SELECT isp, COUNT(*) OVER () AS m FROM sessions
SELECT isp, SUM(p2p) OVER () AS m FROM sessions
SELECT COUNT(*) n FROM sessions WHERE stream IN (SELECT stream FROM sessions WHERE age > 20)
SELECT COUNT(*) n FROM sessions WHERE stream NOT IN (SELECT stream FROM sessions WHERE age > 20)
SELECT COUNT(*) n FROM sessions WHERE isp IN (SELECT isp FROM sessions GROUP BY isp HAVING COUNT(*) > 590)
WITH big AS (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) SELECT COUNT(*) c FROM sessions WHERE isp IN (SELECT isp FROM big WHERE n > 590)
SELECT COUNT(*) n FROM sessions WHERE p2p > (SELECT AVG(p2p) FROM sessions)
SELECT isp, COUNT(*) n FROM sessions WHERE p2p > (SELECT AVG(p2p) FROM sessions) GROUP BY isp ORDER BY isp
SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM sessions) AS s FROM sessions WHERE connected
SELECT isp, COUNT(*) * 1.0 / (SELECT COUNT(*) FROM sessions) AS s FROM sessions GROUP BY isp ORDER BY isp
SELECT (SELECT COUNT(*) FROM sessions) AS n
SELECT t.isp, t.n FROM (SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp) AS t WHERE t.n > 550 ORDER BY t.n
SELECT AVG(n) a FROM (SELECT stream, COUNT(*) AS n FROM sessions GROUP BY stream) AS t
SELECT MAX(n) - MIN(n) AS d FROM (SELECT stream, COUNT(*) AS n FROM sessions GROUP BY stream) AS t
SELECT isp FROM sessions WHERE stream = 1 UNION SELECT isp FROM sessions WHERE stream = 2
SELECT isp FROM sessions WHERE stream = 1 UNION ALL SELECT isp FROM sessions WHERE stream = 2
SELECT isp FROM sessions WHERE stream = 1 UNION SELECT browser FROM sessions WHERE stream = 2 ORDER BY isp
SELECT isp FROM sessions INTERSECT SELECT isp FROM sessions WHERE stream = 2
SELECT isp FROM sessions EXCEPT SELECT isp FROM sessions WHERE isp = 'BTP'
SELECT 'all' AS k, COUNT(*) AS n FROM sessions UNION ALL SELECT 'connected', COUNT(*) FROM sessions WHERE connected
SELECT 'all' AS k, COUNT(*) AS n FROM sessions UNION ALL SELECT 'connected', COUNT(*) FROM sessions WHERE connected ORDER BY n
SELECT 1 AS a UNION ALL SELECT 2.5
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp UNION ALL SELECT 'total', COUNT(*) FROM sessions ORDER BY n LIMIT 3
SELECT a.isp, a.n, b.m FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) a JOIN (SELECT isp, AVG(p2p) m FROM sessions GROUP BY isp) b ON a.isp = b.isp ORDER BY a.isp
SELECT a.isp, a.n, b.m FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) a LEFT JOIN (SELECT isp, AVG(p2p) m FROM sessions WHERE isp <> 'BTP' GROUP BY isp) b ON a.isp = b.isp ORDER BY a.isp
SELECT a.isp, a.n, b.m FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) a JOIN (SELECT isp, AVG(p2p) m FROM sessions GROUP BY isp) b USING (isp) ORDER BY isp
SELECT isp, n, m FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) a JOIN (SELECT isp, AVG(p2p) m FROM sessions GROUP BY isp) b USING (isp) ORDER BY isp
SELECT a.isp AS x, b.browser AS y FROM (SELECT DISTINCT isp FROM sessions) a CROSS JOIN (SELECT DISTINCT browser FROM sessions) b ORDER BY x, y
SELECT a.isp AS x, b.isp AS y FROM (SELECT DISTINCT isp FROM sessions) a CROSS JOIN (SELECT DISTINCT isp FROM sessions) b ORDER BY x, y
SELECT a.isp AS x, b.isp AS y FROM (SELECT DISTINCT isp FROM sessions) a, (SELECT DISTINCT isp FROM sessions) b WHERE a.isp < b.isp ORDER BY x, y
SELECT a.isp AS x, b.isp AS y FROM (SELECT DISTINCT isp FROM sessions) a JOIN (SELECT DISTINCT isp FROM sessions) b ON a.isp < b.isp ORDER BY x, y
SELECT a.isp, COALESCE(b.n, 0) AS n FROM (SELECT DISTINCT isp FROM sessions) a LEFT JOIN (SELECT isp, COUNT(*) n FROM sessions WHERE age = 40 AND stream = 1 GROUP BY isp) b ON a.isp = b.isp ORDER BY a.isp
WITH sessions AS (SELECT * FROM sessions WHERE connected) SELECT COUNT(*) n FROM sessions
WITH s AS (SELECT * FROM sessions WHERE connected) SELECT COUNT(*) n FROM s
SELECT * FROM sessions WHERE stream = 1 ORDER BY p2p DESC, cdn LIMIT 5
SELECT * FROM sessions ORDER BY stream, p2p DESC, cdn LIMIT 5 OFFSET 10
SELECT isp, p2p AS x FROM sessions ORDER BY p2p DESC, cdn LIMIT 5
SELECT isp, -p2p AS p2p FROM sessions ORDER BY p2p LIMIT 5
SELECT s.isp, s.p2p FROM sessions s WHERE s.stream = 1 ORDER BY s.p2p DESC, s.cdn LIMIT 5
SELECT sessions.isp FROM sessions WHERE sessions.stream = 1 ORDER BY sessions.cdn LIMIT 5
SELECT COUNT(DISTINCT isp || browser) n FROM sessions
SELECT COUNT(DISTINCT isp) n, COUNT(DISTINCT age) m, COUNT(DISTINCT connected) c FROM sessions
SELECT browser, COUNT(DISTINCT isp) n FROM sessions GROUP BY browser ORDER BY browser
SELECT browser, COUNT(DISTINCT age) n FROM sessions GROUP BY browser ORDER BY browser
SELECT COUNT(*) n FROM sessions GROUP BY isp ORDER BY n
SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY ALL ORDER BY isp, browser
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp, browser ORDER BY isp, n
SELECT MIN(n) FROM (SELECT COUNT(*) n FROM sessions GROUP BY isp) t
SELECT LENGTH(isp) l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT SUBSTR(isp,1,2) l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT LEFT(isp,2) l, RIGHT(isp,2) r, COUNT(*) n FROM sessions GROUP BY l, r ORDER BY l, r
SELECT REPLACE(isp,'a','b') l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT isp ~ '^[AB]' l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT STARTS_WITH(isp, 'B') l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT SPLIT_PART(isp, ' ', 1) l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT connected AND p2p > 0 AS l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT connected OR p2p > 0 AS l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT NOT connected AS l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT MAX(connected) m, MIN(connected) l FROM sessions
SELECT COUNT(connected) c, COUNT(NOT connected) d FROM sessions
SELECT COUNT(CASE WHEN p2p > 0 THEN 1 END) c FROM sessions
SELECT COUNT(p2p > 0) c FROM sessions
SELECT SUM(p2p > 0) c FROM sessions
SELECT SUM(CAST(p2p > 0 AS INT)) c FROM sessions
SELECT AVG(p2p) FROM sessions WHERE p2p > 0
SELECT AVG(p2p), AVG(cdn) FROM sessions
SELECT SUM(p2p), SUM(p2p) FROM sessions
SELECT p2p+cdn FROM sessions ORDER BY 1 LIMIT 3
SELECT FLOOR(p2p / 10000000) AS bin, COUNT(*) n FROM sessions GROUP BY bin ORDER BY bin
SELECT CAST(FLOOR(p2p / 10000000) AS INT) AS bin, COUNT(*) n FROM sessions GROUP BY bin ORDER BY bin
SELECT isp, stream, SUM(p2p) s FROM sessions GROUP BY isp, stream ORDER BY s DESC LIMIT 5
SELECT isp, MAX(p2p) FILTER (WHERE browser = 'Iron') a, COUNT(DISTINCT stream) FILTER (WHERE connected) b FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, 100.0 * COUNT(*) FILTER (WHERE connected) / COUNT(*) AS pct FROM sessions GROUP BY isp ORDER BY pct
SELECT isp, ROUND(100.0 * SUM(CASE WHEN connected THEN 1 ELSE 0 END) / COUNT(*), 1) AS pct FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, SUM(CASE WHEN connected THEN 1 ELSE 0 END) / COUNT(*) AS pct FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, SUM(age) * 2 + 1 AS x, AVG(p2p) + AVG(cdn) AS y FROM sessions GROUP BY isp ORDER BY isp
SELECT isp || '!' AS x, COUNT(*) n FROM sessions GROUP BY isp ORDER BY x
SELECT CASE WHEN COUNT(*) > 600 THEN 'big' ELSE 'small' END AS x, isp FROM sessions GROUP BY isp ORDER BY isp
SELECT ARRAY_AGG(isp) FROM sessions
SELECT TRUE AND NULL AS a, FALSE AND NULL AS b, TRUE OR NULL AS c, NULL = NULL AS d, NOT NULL AS e
SELECT NULL AS a, NULL + 1 AS b, COALESCE(NULL, 1) AS c
SELECT 'a' < 'B' AS x, 'é' > 'z' AS y
SELECT 0.1 + 0.2 AS a, 1e3 AS b, 10000000000 AS c, 9223372036854775807 AS d, 1.0 AS e
SELECT -1 AS a, - p2p AS b, +1 AS c FROM sessions WHERE stream = 1
SELECT SUM(age * 1000000000000) s FROM sessions
SELECT IF(p2p > 0, 'a', 'b') AS k, COUNT(*) n FROM sessions GROUP BY k ORDER BY k
SELECT TRY_CAST('abc' AS INT) AS k
SELECT isp FROM sessions LIMIT 0
SELECT COUNT(*) AS n FROM sessions WHERE FALSE
SELECT COUNT(*) AS n FROM sessions WHERE TRUE
SELECT COUNT(*) AS n FROM sessions WHERE 1 = 1
SELECT 1 AS one FROM sessions WHERE stream = 1
SELECT 1 AS one, COUNT(*) AS n FROM sessions
SELECT 'x' AS k, isp, COUNT(*) AS n FROM sessions GROUP BY isp ORDER BY isp
SELECT 'x' AS k, AVG(p2p) AS n FROM sessions
SELECT isp, 1 AS one FROM sessions GROUP BY isp
SELECT MAX(p2p) AS p2p, MIN(p2p) AS m FROM sessions
SELECT MAX(p2p) AS p2p, MIN(p2p) AS m FROM sessions GROUP BY isp ORDER BY p2p
SELECT isp, MAX(p2p) AS p2p FROM sessions GROUP BY isp HAVING MAX(p2p) > 199000000 ORDER BY isp
SELECT isp, MAX(p2p) AS p2p FROM sessions GROUP BY isp HAVING SUM(p2p) > 0 ORDER BY p2p DESC
SELECT isp, SUM(p2p) AS p2p, SUM(p2p + cdn) AS total FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, AVG(p2p) AS cdn, AVG(cdn) AS p2p FROM sessions GROUP BY isp ORDER BY isp
SELECT isp AS browser, browser AS isp, COUNT(*) n FROM sessions GROUP BY isp, browser ORDER BY isp, browser
SELECT stream, COUNT(*) AS stream_n FROM sessions GROUP BY stream ORDER BY stream DESC LIMIT 3
SELECT COUNT(*) FILTER (WHERE p2p > 1000000000) - COUNT(*) AS d FROM sessions
SELECT isp, COUNT(*) FILTER (WHERE p2p > 0) - COUNT(*) FILTER (WHERE p2p = 0) AS d FROM sessions GROUP BY isp
SELECT COUNT(*) * 10000000 AS d FROM sessions
SELECT COUNT(DISTINCT isp) - 100 AS d FROM sessions
SELECT 5 - COUNT(*) AS d FROM sessions
SELECT -COUNT(*) AS d FROM sessions
SELECT SUM(CASE WHEN p2p >= 0 THEN 1000000 ELSE 0 END) AS s FROM sessions
SELECT SUM(stream * 1000000000) AS s FROM sessions
SELECT SUM(CASE WHEN p2p >= 0 THEN 1 ELSE 0 END) * 1000000 AS s FROM sessions
SELECT MAX(CASE WHEN p2p >= 0 THEN 3000000000 ELSE 0 END) AS s FROM sessions
SELECT 2000000000 * stream AS s FROM sessions
SELECT SUM(CAST(connected AS INT)) * 1000000 AS s FROM sessions
SELECT SUM(n) s, AVG(n) a, MAX(n) - MIN(n) b, MIN(n) - MAX(n) c FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) t
SELECT n - 1000 AS d FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) t
SELECT r - 5 AS d FROM (SELECT isp, RANK() OVER (ORDER BY isp) r FROM (SELECT DISTINCT isp FROM sessions) u) t
SELECT LENGTH(browser) - 10 AS d FROM sessions
SELECT a.n - b.n AS d FROM (SELECT isp, COUNT(*) n FROM sessions WHERE connected GROUP BY isp) a JOIN (SELECT isp, COUNT(*) n FROM sessions WHERE NOT connected GROUP BY isp) b ON a.isp = b.isp
SELECT n - LAG(n) OVER (ORDER BY stream) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT isp, browser, RANK() OVER (PARTITION BY isp ORDER BY n DESC) AS d, DENSE_RANK() OVER (PARTITION BY isp ORDER BY n) e, ROW_NUMBER() OVER (PARTITION BY isp ORDER BY browser DESC) f FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, RANK() OVER (ORDER BY isp, browser) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions WHERE isp IS NOT NULL GROUP BY isp, browser) t
SELECT isp, browser, RANK() OVER (ORDER BY isp DESC, browser DESC) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions WHERE isp IS NOT NULL GROUP BY isp, browser) t
SELECT isp, LAG(browser) OVER (PARTITION BY isp ORDER BY browser) AS d, LEAD(browser) OVER (PARTITION BY isp ORDER BY browser DESC) e FROM (SELECT DISTINCT isp, browser FROM sessions) t
SELECT stream, n * 1.0 / MAX(n) OVER () AS d, AVG(n) OVER () e, n - AVG(n) OVER () f FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT DISTINCT isp, COUNT(*) OVER (PARTITION BY isp) AS m FROM sessions
SELECT DISTINCT isp, AVG(p2p) OVER (PARTITION BY isp) AS m FROM sessions
SELECT MEDIAN(p2p) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT STDDEV(p2p) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT COUNT(DISTINCT browser) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT COUNT(isp) OVER (PARTITION BY browser) AS m, browser FROM sessions
SELECT SUM(age) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT MIN(isp) OVER (PARTITION BY browser) AS m, MAX(isp) OVER (PARTITION BY browser) AS m2, browser FROM sessions
SELECT isp, p2p FROM (SELECT isp, p2p, ROW_NUMBER() OVER (PARTITION BY isp ORDER BY p2p DESC) r FROM sessions WHERE p2p IS NOT NULL) t WHERE r <= 3 ORDER BY isp, p2p
SELECT isp FROM sessions EXCEPT SELECT isp FROM sessions WHERE isp IS NULL
SELECT isp FROM sessions EXCEPT (SELECT isp FROM sessions INTERSECT SELECT isp FROM sessions WHERE isp = 'BTP')
SELECT isp FROM sessions UNION SELECT browser FROM sessions EXCEPT SELECT 'Iron'
SELECT isp, 1 AS a FROM sessions WHERE stream = 1 UNION SELECT browser, 2 FROM sessions
(SELECT isp FROM sessions ORDER BY isp LIMIT 2) UNION ALL (SELECT browser FROM sessions ORDER BY browser DESC LIMIT 2)
SELECT isp FROM sessions WHERE isp > 'B' UNION ALL SELECT browser FROM sessions LIMIT 5
SELECT x FROM (SELECT isp AS x FROM sessions UNION ALL SELECT browser FROM sessions) t WHERE x LIKE 'I%'
SELECT COUNT(*) n FROM sessions a JOIN (SELECT DISTINCT isp FROM sessions WHERE age = 40) b ON a.isp = b.isp
SELECT COUNT(*) n FROM (SELECT DISTINCT isp, browser FROM sessions) a LEFT JOIN (SELECT DISTINCT isp FROM sessions WHERE isp > 'B') b ON a.isp = b.isp WHERE b.isp IS NULL
SELECT a.browser, b.isp, a.isp AS c FROM (SELECT DISTINCT isp, browser FROM sessions) a LEFT JOIN (SELECT DISTINCT isp FROM sessions WHERE isp > 'B') b ON a.isp = b.isp
SELECT a.isp, b.isp AS b FROM (SELECT DISTINCT isp FROM sessions WHERE isp < 'F') a FULL JOIN (SELECT DISTINCT isp FROM sessions WHERE isp > 'B') b ON a.isp = b.isp
SELECT a.isp, b.isp AS b FROM (SELECT DISTINCT isp FROM sessions WHERE isp < 'F') a RIGHT JOIN (SELECT DISTINCT isp FROM sessions WHERE isp > 'B') b ON a.isp = b.isp
SELECT a.isp, b.browser FROM (SELECT DISTINCT isp, browser FROM sessions) a JOIN (SELECT DISTINCT isp, browser FROM sessions) b ON a.isp = b.isp AND a.browser = b.browser
SELECT a.isp, b.browser FROM (SELECT DISTINCT isp, browser FROM sessions) a JOIN (SELECT DISTINCT isp, browser FROM sessions) b ON a.isp = b.isp AND a.browser < b.browser
SELECT a.isp, b.browser FROM (SELECT DISTINCT isp, browser FROM sessions) a JOIN (SELECT DISTINCT isp, browser FROM sessions) b ON a.isp = b.isp AND a.browser = 'Iron'
SELECT a.isp, b.browser FROM (SELECT DISTINCT isp, browser FROM sessions) a JOIN (SELECT DISTINCT isp, browser FROM sessions) b ON a.isp = b.isp WHERE a.browser <> b.browser
SELECT * FROM (SELECT DISTINCT isp FROM sessions) a JOIN (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) b ON a.isp = b.isp
SELECT b.* FROM (SELECT DISTINCT isp FROM sessions) a JOIN (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) b ON a.isp = b.isp
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING SUM(p2p) / SUM(cdn) > 0.9
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING COUNT(DISTINCT browser) = 4
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING COUNT(*) FILTER (WHERE connected) > 400
SELECT isp FROM sessions GROUP BY isp HAVING MAX(age) = 40
SELECT isp, COUNT(*) AS n FROM sessions WHERE browser = 'Iron' GROUP BY isp ORDER BY n DESC LIMIT 2
SELECT CASE WHEN isp = 'BTP' THEN 'x' ELSE browser END AS k, COUNT(*) n FROM sessions GROUP BY k
SELECT CASE WHEN isp = 'BTP' THEN 1 ELSE 2.5 END AS k FROM sessions
SELECT CASE WHEN isp = 'BTP' THEN 'a' END AS k, COUNT(*) n FROM sessions GROUP BY 1
SELECT CASE WHEN age > 5 THEN age ELSE p2p END AS k FROM sessions
SELECT CASE age WHEN NULL THEN 'n' ELSE 'x' END k FROM sessions
SELECT COUNT(*) n FROM sessions WHERE connected IS TRUE
SELECT COUNT(*) n FROM sessions WHERE connected IS NOT FALSE
SELECT COUNT(*) n FROM sessions WHERE NOT (p2p > 0)
SELECT COUNT(*) n FROM sessions WHERE NOT (isp = 'BTP' AND connected)
SELECT COUNT(*) n FROM sessions WHERE NOT (isp = 'BTP' OR connected)
SELECT COUNT(*) n FROM sessions WHERE connected <> (p2p > 0)
SELECT COUNT(*) n FROM sessions WHERE connected = (p2p > 0)
SELECT COUNT(*) n FROM sessions WHERE p2p / cdn > 1
SELECT COUNT(*) n FROM sessions WHERE p2p / (p2p + cdn) > 0.5
SELECT COUNT(*) n FROM sessions WHERE p2p / (p2p + cdn) >= 0
SELECT COUNT(*) n FROM sessions WHERE p2p / (p2p + cdn) < 2
SELECT SUM(p2p / (p2p + cdn)) m, COUNT(p2p / (p2p + cdn)) l FROM sessions
SELECT MEDIAN(p2p / (p2p + cdn)) m FROM sessions
SELECT p2p / (p2p + cdn) AS s FROM sessions ORDER BY s DESC LIMIT 200
SELECT p2p / (p2p + cdn) AS s FROM sessions ORDER BY s LIMIT 200
SELECT DISTINCT p2p / (p2p + cdn) AS s FROM sessions WHERE p2p = 0
SELECT age / 0 AS s, COUNT(*) n FROM sessions GROUP BY s
SELECT MOD(age, 5) AS s, COUNT(*) n FROM sessions GROUP BY s
SELECT p2p % 7 AS s FROM sessions
SELECT -p2p % 7 AS s FROM sessions
SELECT MOD(-7, 3) a, -7 % 3 b, 7 % -3 c, -7 % -3 d
SELECT TRUNC(-1.5) a, TRUNC(1.7) b
SELECT SQRT(-1) a
SELECT LN(0) a
SELECT LN(p2p) a FROM sessions WHERE p2p > 0
SELECT POWER(p2p, 0.5) a FROM sessions
SELECT CAST(connected AS INT) a, CAST(age AS BOOLEAN) b, CAST(age AS DOUBLE) c, CAST(p2p AS VARCHAR) d FROM sessions WHERE stream = 1
SELECT CAST(age AS VARCHAR) d FROM sessions
SELECT CAST(cdn AS VARCHAR) d FROM sessions
SELECT CAST(age AS SMALLINT) d FROM sessions
SELECT CAST(age AS TINYINT) d FROM sessions
SELECT age::INT * 2 d FROM sessions
SELECT ROUND(p2p, -3) a FROM sessions
SELECT ROUND(p2p / 1000000, 1) a FROM sessions
SELECT ROUND(age) a, ROUND(age, 1) b FROM sessions
SELECT CEIL(p2p) a, FLOOR(p2p) b, CEILING(p2p) c FROM sessions
SELECT COALESCE(NULL, age) a, COALESCE(p2p, cdn, 0) b FROM sessions
SELECT NULLIF(age, 40) a, NULLIF(p2p, 0) b FROM sessions
SELECT GREATEST(age, 5) a, LEAST(age, 5) b FROM sessions
SELECT GREATEST(p2p / (p2p+cdn), 0.5) a FROM sessions
SELECT isp || NULL a FROM sessions
SELECT isp || browser a FROM sessions
SELECT CONCAT(isp, browser) a, CONCAT_WS('-', isp, browser) b FROM sessions
SELECT isp || stream a, isp || p2p b FROM sessions WHERE stream = 2
SELECT isp || connected a FROM sessions WHERE stream = 2
SELECT LENGTH(note) a, UPPER(note) b, LOWER(note) c FROM sessions
SELECT SUBSTR(note, 2) a, SUBSTRING(note, 1, 1) b, SUBSTRING(note FROM 2 FOR 1) c FROM sessions
SELECT REPLACE(note, '_', '$1') a FROM sessions
SELECT REPLACE(note, 'x', '') a FROM sessions
SELECT TRIM(BOTH 'x' FROM note) a, TRIM(note) b FROM sessions
SELECT browser LIKE '%w%' a, browser LIKE 'I___' b, isp LIKE '%' c FROM sessions
SELECT note LIKE '%.%' a, note LIKE 'a%b' c, note ILIKE 'O''neil' d FROM sessions
SELECT COUNT(DISTINCT p2p) a FROM sessions
SELECT COUNT(DISTINCT CASE WHEN connected THEN stream END) a FROM sessions
SELECT isp, COUNT(DISTINCT stream) FILTER (WHERE connected) a FROM sessions GROUP BY isp
SELECT MIN(connected) a, MAX(isp) b, MIN(browser) c FROM sessions
SELECT isp, MIN(browser) b, MAX(connected) c FROM sessions GROUP BY isp
SELECT STDDEV(p2p) a FROM sessions WHERE stream = 99
SELECT isp, STDDEV(p2p) a, CORR(p2p, age) b FROM sessions WHERE stream = 1 AND age = 40 GROUP BY isp
SELECT STDDEV(p2p) a, VARIANCE(p2p) b, CORR(p2p, cdn) c FROM (SELECT p2p, cdn FROM sessions WHERE p2p > 0 ORDER BY p2p LIMIT 1) t
SELECT QUANTILE_CONT(age, 0.5) a, QUANTILE_CONT(age, 0.33) b FROM sessions
SELECT QUANTILE_CONT(p2p, 0) a, QUANTILE_CONT(p2p, 1) b, QUANTILE_CONT(p2p, 0.999) c FROM sessions
SELECT QUANTILE_DISC(age, 0.5) a, QUANTILE_DISC(age, 0.33) b, QUANTILE_DISC(p2p, 0.75) c FROM sessions
SELECT isp, QUANTILE_DISC(p2p, 0.5) a FROM sessions GROUP BY isp
SELECT MEDIAN(age) FILTER (WHERE connected) a FROM sessions
SELECT EXTRACT(year FROM DATE '2020-03-04') a, EXTRACT(month FROM DATE '2020-03-04') b, DATE_PART('day', DATE '2020-03-04') c
SELECT EXTRACT(month FROM DATE '2020-03-04') * 100 a
SELECT EXTRACT(month FROM DATE '2020-03-04') - 200 a
SELECT stream FROM sessions GROUP BY stream HAVING COUNT(*) = (SELECT MAX(n) FROM (SELECT COUNT(*) n FROM sessions GROUP BY stream) t)
SELECT isp FROM sessions WHERE isp IN (SELECT browser FROM sessions)
SELECT COUNT(*) n FROM sessions WHERE isp NOT IN (SELECT isp FROM sessions WHERE isp = 'BTP')
SELECT COUNT(*) n FROM sessions WHERE isp NOT IN (SELECT isp FROM sessions WHERE isp IS NULL OR isp = 'BTP')
SELECT COUNT(*) n FROM sessions WHERE connected AND stream IN (SELECT stream FROM sessions WHERE age > 20 AND isp = 'BTP')
SELECT COUNT(*) n FROM sessions s WHERE NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT isp FROM sessions WHERE isp > 'B') t WHERE t.isp = s.isp)
SELECT isp, n FROM (SELECT isp, COUNT(*) n FROM sessions GROUP BY isp) WHERE n > 100
SELECT s.isp, COUNT(*) n FROM sessions AS s GROUP BY s.isp
SELECT sessions.isp, COUNT(*) n FROM sessions GROUP BY sessions.isp ORDER BY sessions.isp
SELECT "isp", COUNT(*) "n" FROM "sessions" GROUP BY "isp"
SELECT isp AS I, COUNT(*) AS N FROM sessions GROUP BY isp ORDER BY N
SELECT isp x, browser y, COUNT(*) n FROM sessions GROUP BY x, y
SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY 2, 1
SELECT stream + 1 AS stream, COUNT(*) n FROM sessions GROUP BY stream
SELECT stream % 3 AS stream, COUNT(*) n FROM sessions GROUP BY stream
SELECT stream % 3 AS stream, COUNT(*) n FROM sessions GROUP BY stream % 3
SELECT isp, p2p AS cdn FROM sessions WHERE cdn > 100000000
SELECT p2p AS cdn, cdn AS p2p FROM sessions ORDER BY cdn, p2p LIMIT 20
SELECT p2p + cdn AS p2p FROM sessions WHERE p2p > 0 ORDER BY p2p LIMIT 20
SELECT DISTINCT stream % 2 AS k FROM sessions ORDER BY k
SELECT DISTINCT isp, browser FROM sessions WHERE isp IS NOT NULL ORDER BY browser, isp LIMIT 7
SELECT DISTINCT isp FROM sessions WHERE isp IS NOT NULL ORDER BY isp LIMIT 2 OFFSET 1
SELECT stream FROM sessions ORDER BY -stream LIMIT 3
SELECT stream, age FROM sessions ORDER BY stream DESC, age LIMIT 300
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp ORDER BY LENGTH(isp), isp
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp ORDER BY CASE WHEN isp = 'Olga' THEN 0 ELSE 1 END, isp
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp ORDER BY n * -1, isp
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp LIMIT 0
SELECT isp FROM sessions ORDER BY isp LIMIT 5 OFFSET 2990
SELECT isp FROM sessions ORDER BY isp OFFSET 2990
SELECT isp FROM sessions ORDER BY isp FETCH FIRST 3 ROWS ONLY
VALUES (1,2),(3,4)
SELECT * FROM (VALUES (1,'a'),(2,'b')) AS t(x,y)
SELECT s.* FROM sessions s LIMIT 0
SELECT SUM(p2p) FILTER (WHERE stream > 100) a, COUNT(p2p) FILTER (WHERE stream > 100) b, AVG(p2p) FILTER (WHERE stream > 100) c FROM sessions
SELECT isp, SUM(p2p) FILTER (WHERE stream > 100) a, COUNT(p2p) FILTER (WHERE stream > 100) b, AVG(p2p) FILTER (WHERE stream > 100) c FROM sessions GROUP BY isp
SELECT isp, COUNT(*) FILTER (WHERE isp = 'BTP') a FROM sessions GROUP BY isp
SELECT isp, SUM(p2p) / COUNT(*) a, SUM(p2p) / COUNT(p2p) b FROM sessions GROUP BY isp
SELECT isp, SUM(CASE WHEN browser = 'Iron' THEN p2p END) a, SUM(CASE WHEN browser = 'Nope' THEN p2p END) b FROM sessions GROUP BY isp
SELECT isp, AVG(CASE WHEN p2p > 0 THEN 1.0 ELSE 0.0 END) a, AVG(CASE WHEN p2p > 0 THEN 1 ELSE 0 END) b FROM sessions GROUP BY isp
SELECT isp, COUNT(*) * 100.0 / 3000 a, 100 * COUNT(*) / 3000 b FROM sessions GROUP BY isp
SELECT isp, connected, COUNT(*) n FROM sessions GROUP BY isp, connected ORDER BY isp, connected
SELECT connected, AVG(p2p + cdn) / 1e6 AS mb FROM sessions GROUP BY connected ORDER BY connected
SELECT p2p > 0 AS with_p2p, COUNT(*) n FROM sessions WHERE p2p + cdn > 100000000 GROUP BY with_p2p
SELECT browser, COUNT(*) FILTER (WHERE p2p > 0) a, COUNT(*) FILTER (WHERE p2p = 0) b FROM sessions WHERE p2p + cdn > 100000000 GROUP BY browser ORDER BY browser
SELECT AVG(a) x FROM (SELECT isp, AVG(p2p) a FROM sessions GROUP BY isp HAVING COUNT(*) > 10) t
SELECT isp, p2p FROM sessions s WHERE p2p = (SELECT MAX(p2p) FROM sessions)
SELECT isp, p2p FROM sessions s WHERE p2p IN (SELECT MAX(p2p) FROM sessions)
SELECT isp, AVG(p2p) a FROM sessions WHERE p2p BETWEEN 1 AND 1000000000 GROUP BY isp
SELECT isp, SUM(ABS(p2p - 5)) a FROM sessions GROUP BY isp
SELECT isp, ABS(SUM(p2p) - SUM(cdn)) a FROM sessions GROUP BY isp
SELECT isp, COALESCE(SUM(p2p) FILTER (WHERE age > 50), 0) a FROM sessions GROUP BY isp
SELECT isp, MAX(p2p) - MIN(p2p) a, (MAX(p2p) + MIN(p2p)) / 2 b FROM sessions GROUP BY isp
SELECT isp, LOWER(isp) l, COUNT(*) n FROM sessions GROUP BY isp
SELECT isp, LOWER(isp) || '!' l, COUNT(*) n FROM sessions GROUP BY isp, LOWER(isp) || '!'
SELECT stream * 2 AS d, COUNT(*) n FROM sessions GROUP BY stream
SELECT FIRST(p2p) a, LAST(p2p) b FROM sessions
SELECT SUM(p2p) a FROM sessions, (SELECT 1 AS one) t
SELECT stream, COUNT(*) - 228 AS a0 FROM sessions WHERE country || browser = 'BTPIron' GROUP BY 1 HAVING MAX(age) > 100
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, stream, COALESCE(MIN(p2p) FILTER (WHERE note NOT LIKE '%o'), 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, MIN(p2p - cdn) AS a2 FROM sessions GROUP BY 1, 2 HAVING SUM(cdn) < 40
SELECT FLOOR(cdn / 50000000) AS k6, LOWER(country) AS k2, MAX(note) AS a0, MIN(cdn / 1000000) AS a1 FROM sessions GROUP BY FLOOR(cdn / 50000000), LOWER(country) ORDER BY k2 DESC NULLS FIRST, k6 DESC LIMIT 5
SELECT COUNT(*) - 821 AS a0, SUM(ABS(p2p - cdn)) FILTER (WHERE (country >= 'DE' OR note LIKE 'I%n')) AS a1, SUM(NULLIF(age, 40)) AS a2, COALESCE(MIN(stream % 3), 0) AS a3 FROM sessions WHERE COALESCE(browser, 'none') <> 'none'
SELECT -age AS x0, -age AS x1, ROUND(p2p / 1000000, 1) AS x2 FROM sessions WHERE isp NOT LIKE '%a%'
SELECT connected, COUNT(*) - 984 AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(device) = 'DE') / COUNT(*), 2) AS a1, STDDEV(GREATEST(age, stream)) AS a2 FROM sessions GROUP BY 1
WITH g AS (SELECT isp IS NULL AS k9, QUANTILE_CONT(p2p, 0.5) AS a0 FROM sessions GROUP BY isp IS NULL HAVING COUNT(*) < 30000000) SELECT k9, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT isp, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, MAX(p2p / NULLIF(p2p + cdn, 0)) AS a0 FROM sessions WHERE age BETWEEN 3 AND 33 GROUP BY 1, 2 ORDER BY isp ASC NULLS FIRST, k4 DESC
SELECT COALESCE(MAX(CASE WHEN age > 10 THEN age ELSE stream END), 0) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(device) = 'DE') / COUNT(*), 2) AS a1, MIN(device) AS a2 FROM sessions WHERE (connected IS FALSE OR age % 2 = 0)
SELECT COALESCE(isp, 'none') AS k5, SUBSTR(browser, 1, 2) AS k8, COUNT(DISTINCT note) AS a0, COUNT(*) - 1256 AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions GROUP BY 1, 2
SELECT ROUND(p2p / 1000000, 1) AS x0, cdn AS x1, -age AS x2 FROM sessions
SELECT connected, age % 3 AS k7, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE browser NOT LIKE '%o' GROUP BY connected, age % 3 HAVING AVG(p2p) > 40 ORDER BY k7 ASC, connected LIMIT 3
SELECT device AS v, 1 AS s FROM sessions UNION ALL SELECT country, 2 FROM sessions WHERE age % 5 < age * 2
WITH g AS (SELECT p2p > 0 AS k1, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, isp IS NULL AS k9, MEDIAN(age % 5) AS a0, COUNT(*) - 157 AS a1 FROM sessions WHERE age % 2 = 0 GROUP BY k1, k4, k9 HAVING COUNT(*) > 5) SELECT k1, k4, k9, SUM(a0) OVER () AS w FROM g
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age NOT IN (SELECT age FROM sessions WHERE browser <> 'Iron') AND COALESCE(isp, 'none') <> 'none'
WITH g AS (SELECT stream, COUNT(*) - 166 AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, MIN(ABS(p2p - cdn)) AS a2 FROM sessions WHERE (stream IN (2, 6) OR browser IN ('Swamp', 'Swamp')) GROUP BY 1) SELECT stream, MIN(a2) OVER () AS w FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k1) AS c FROM (SELECT p2p > 0 AS k1, isp IS NULL AS k9, ROUND(100.0 * COUNT(*) FILTER (WHERE isp = 'BTP') / COUNT(*), 2) AS a0 FROM sessions WHERE country NOT LIKE '%a%' GROUP BY p2p > 0, isp IS NULL) AS t
SELECT SUBSTR(browser, 1, 2) AS k8, COUNT(*) - 779 AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE isp <> 'Fro') / COUNT(*), 2) AS a1 FROM sessions WHERE device > 'tv' GROUP BY SUBSTR(browser, 1, 2) ORDER BY a1 DESC, k8 DESC LIMIT 7 OFFSET 1
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(age) AS c FROM (SELECT age, COUNT(DISTINCT isp) FILTER (WHERE NOT connected) AS a0, COALESCE(COUNT(browser), 0) AS a1, SUM(LENGTH(browser)) AS a2 FROM sessions GROUP BY age) AS t
SELECT FLOOR(p2p / 10000000) AS x0, age % 5 AS x1 FROM sessions
SELECT a.isp AS k, a.n, b.m FROM (SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp) AS a JOIN (SELECT isp, MAX(browser) AS m FROM sessions GROUP BY isp) AS b ON a.isp = b.isp
WITH g AS (SELECT connected, SUM(CASE WHEN age BETWEEN 1 AND 32 THEN 1 ELSE 0 END) AS a0, SUM(CASE WHEN note <> '' THEN 1 ELSE 0 END) AS a1, COUNT(*) - 1055 AS a2 FROM sessions GROUP BY connected HAVING COUNT(*) > 30000000) SELECT connected, SUM(a0) OVER () AS w FROM g
SELECT device AS v, stream AS s FROM sessions WHERE COALESCE(browser, 'none') <> 'none' UNION ALL SELECT isp, 2 FROM sessions
SELECT age % 3 AS k7, isp IS NULL AS k9, COALESCE(SUM(CASE WHEN CASE WHEN age > 10 THEN age ELSE stream END <= stream THEN 1 ELSE 0 END), 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions GROUP BY k7, k9 ORDER BY k7 , k9 DESC
WITH g AS (SELECT p2p > 0 AS k1, COUNT(country) AS a0 FROM sessions WHERE connected IS FALSE GROUP BY 1) SELECT k1, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT country AS v, stream AS s FROM sessions UNION ALL SELECT browser, 2 FROM sessions WHERE stream NOT IN (3, 6)
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE (NOT (note NOT IN ('x', 'O''Neil')) OR connected IS NOT TRUE) GROUP BY browser) AS a LEFT JOIN (SELECT browser, MIN(isp) AS m FROM sessions GROUP BY browser) AS b ON a.browser = b.browser
SELECT QUANTILE_CONT(cdn, 0.1) AS a0, COUNT(country) AS a1 FROM sessions WHERE UPPER(isp) = 'DE'
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age IN (SELECT age FROM sessions WHERE UPPER(note) = 'DE' GROUP BY age HAVING COUNT(*) > 320) AND (browser = 'Iron' AND COALESCE(browser, 'none') <> 'none')
SELECT isp AS v, 1 AS s FROM sessions UNION ALL SELECT note, 2 FROM sessions WHERE (p2p + cdn <= 0 OR UPPER(browser) = 'DE')
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k2) AS c FROM (SELECT LOWER(country) AS k2, age % 3 AS k7, COUNT(DISTINCT country) AS a0 FROM sessions GROUP BY LOWER(country), age % 3) AS t
SELECT browser AS v, stream AS s FROM sessions UNION ALL SELECT isp, 2 FROM sessions WHERE note LIKE '%o'
WITH g AS (SELECT stream % 2 AS k3, ROUND(100.0 * COUNT(*) FILTER (WHERE NOT (country || browser = 'BTPIron')) / COUNT(*), 2) AS a0, QUANTILE_CONT(p2p, 0.5) AS a1 FROM sessions GROUP BY 1) SELECT k3, SUM(a0) OVER () AS w FROM g
SELECT cdn AS x0, cdn AS x1, LENGTH(browser) AS x2 FROM sessions
SELECT stream % 2 AS k3, MEDIAN(ABS(p2p - cdn)) AS a0, STDDEV(ABS(p2p - cdn)) AS a1 FROM sessions GROUP BY stream % 2 HAVING MAX(age) < 40
SELECT MEDIAN(NULLIF(age, 40)) AS a0, SUM(CASE WHEN p2p + cdn > 50000000 THEN 1 ELSE 0 END) AS a1 FROM sessions WHERE age % 2 = 0
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions WHERE NOT (connected = TRUE) GROUP BY country) AS a JOIN (SELECT country, MIN(isp) AS m FROM sessions WHERE isp || browser = 'BTPIron' GROUP BY country) AS b ON a.country = b.country
SELECT COUNT(*) - 892 AS a0 FROM sessions
WITH g AS (SELECT age, MIN(FLOOR(p2p / 10000000)) AS a0 FROM sessions WHERE isp <= 'Nope' GROUP BY 1) SELECT age, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT ABS(p2p - cdn) AS x0, -age AS x1, age * 2 AS x2 FROM sessions
SELECT FLOOR(cdn / 50000000) AS k6, isp, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions GROUP BY k6, isp HAVING MAX(age) > 100 ORDER BY k6 ASC, isp LIMIT 6 OFFSET 1
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k6) AS c FROM (SELECT FLOOR(cdn / 50000000) AS k6, COUNT(age) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE -age >= FLOOR(p2p / 10000000)) / COUNT(*), 2) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE device IN ('Tv', 'tv') GROUP BY k6) AS t
WITH g AS (SELECT browser, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE stream IN (4, 5) GROUP BY browser) SELECT browser, a0 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT connected, SUM(p2p) / SUM(p2p + cdn) AS a0, MIN(device) AS a1, SUM(ROUND(p2p / 1000000, 1)) AS a2 FROM sessions GROUP BY connected) SELECT connected, RANK() OVER (ORDER BY a1) AS w FROM g
WITH g AS (SELECT p2p > 0 AS k1, SUM(CASE WHEN stream NOT IN (8, 7) THEN 1 ELSE 0 END) AS a0, COALESCE(STDDEV(age), 0) AS a1 FROM sessions GROUP BY 1) SELECT k1, COUNT(a0) OVER (PARTITION BY k1) AS w FROM g
SELECT MAX(device) AS a0, SUM(FLOOR(p2p / 10000000)) FILTER (WHERE age BETWEEN 5 AND 23) AS a1 FROM sessions WHERE NOT connected
SELECT COUNT(*) AS n FROM sessions WHERE cdn <= (SELECT MAX(p2p) FROM sessions WHERE browser IN ('Iron', 'Iron')) AND isp = 'Datch Telecam'
SELECT COUNT(*) AS n FROM sessions WHERE cdn >= (SELECT MEDIAN(cdn) FROM sessions) AND stream IN (5, 5)
SELECT isp AS v, stream AS s FROM sessions UNION ALL SELECT country, 2 FROM sessions
SELECT stream % 2 AS k3, MAX(note) AS a0 FROM sessions WHERE note IS NULL GROUP BY 1 HAVING SUM(cdn) >= 5
SELECT age, LOWER(country) AS k2, ROUND(100.0 * COUNT(*) FILTER (WHERE age % 2 = 0) / COUNT(*), 2) AS a0 FROM sessions GROUP BY age, k2
SELECT note AS v, stream AS s FROM sessions WHERE COALESCE(browser, 'none') <> 'none' UNION SELECT browser, stream FROM sessions
WITH g AS (SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, STDDEV(stream % 3) AS a0 FROM sessions WHERE NOT ((age % 2 = 0 OR isp || browser = 'BTPIron')) GROUP BY CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END) SELECT k4, SUM(a0) OVER () AS w FROM g
SELECT a.note AS k, a.n, b.m FROM (SELECT note, COUNT(*) AS n FROM sessions WHERE (browser LIKE '%_%' AND NOT (GREATEST(age, stream) = CASE WHEN connected THEN 1 ELSE 0 END)) GROUP BY note) AS a JOIN (SELECT note, QUANTILE_CONT(p2p + cdn, 0.95) AS m FROM sessions GROUP BY note) AS b ON a.note = b.note
SELECT p2p > 0 AS k1, COUNT(DISTINCT country) AS a0, COUNT(device) AS a1 FROM sessions WHERE age BETWEEN 2 AND 25 GROUP BY k1 HAVING AVG(p2p) >= 5 ORDER BY a1 ASC, k1
WITH g AS (SELECT p2p > 0 AS k1, FLOOR(cdn / 50000000) AS k6, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(COALESCE(age, 0)) AS a1, COUNT(DISTINCT age) AS a2 FROM sessions GROUP BY k1, k6) SELECT k1, k6, COUNT(a2) OVER (PARTITION BY k6) AS w FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k4) AS c FROM (SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, FLOOR(cdn / 50000000) AS k6, age % 3 AS k7, AVG(p2p - cdn) FILTER (WHERE isp LIKE '%o') AS a0 FROM sessions GROUP BY 1, 2, 3) AS t
WITH g AS (SELECT FLOOR(cdn / 50000000) AS k6, stream, SUM(stream) AS a0, COUNT(device) AS a1, AVG(stream % 3) AS a2 FROM sessions WHERE (NOT ((UPPER(device) = 'DE' AND device NOT IN ('Tv', 'tv'))) AND stream NOT IN (6, 3)) GROUP BY FLOOR(cdn / 50000000), stream) SELECT k6, stream, MAX(a0) OVER (PARTITION BY k6) AS w FROM g
SELECT SUBSTR(browser, 1, 2) AS k8, age % 3 AS k7, device || '-' || country AS k10, COALESCE(MAX(COALESCE(age, 0)), 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, QUANTILE_CONT(cdn, 0.1) AS a2 FROM sessions WHERE NOT (connected IS NULL) GROUP BY 1, 2, 3 ORDER BY k8 ASC, k7 DESC, k10 DESC
WITH g AS (SELECT COALESCE(isp, 'none') AS k5, MIN(device) AS a0 FROM sessions WHERE -age = FLOOR(p2p / 10000000) GROUP BY 1) SELECT k5, RANK() OVER (PARTITION BY k5 ORDER BY a0 DESC) AS w FROM g
SELECT ROUND(p2p / 1000000, 1) AS x0 FROM sessions
SELECT COALESCE(isp, 'none') AS k5, ROUND(100.0 * COUNT(*) FILTER (WHERE age % 2 = 0) / COUNT(*), 2) AS a0, QUANTILE_CONT(p2p + cdn, 0.1) AS a1, COUNT(DISTINCT isp) AS a2 FROM sessions WHERE (p2p + cdn < 1.5e7 OR p2p + cdn < stream % 3) GROUP BY k5
SELECT age, p2p > 0 AS k1, AVG(age * 2) AS a0, SUM(CASE WHEN browser <= 'Iron' THEN 1 ELSE 0 END) AS a1, MEDIAN(-age) AS a2 FROM sessions GROUP BY age, k1 HAVING AVG(p2p) > 5
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions GROUP BY country) AS a LEFT JOIN (SELECT country, MIN(isp) AS m FROM sessions GROUP BY country) AS b ON a.country = b.country
SELECT LOWER(country) AS k2, QUANTILE_CONT(p2p, 0.5) AS a0, SUM(p2p - cdn) AS a1, MAX(CASE WHEN connected THEN 1 ELSE 0 END) FILTER (WHERE isp LIKE 'I%n') AS a2 FROM sessions WHERE isp > 'Fro' GROUP BY LOWER(country) HAVING SUM(cdn) > 5
SELECT COALESCE(isp, 'none') AS k5, country, ROUND(100.0 * COUNT(*) FILTER (WHERE COALESCE(browser, 'none') <> 'none') / COUNT(*), 2) AS a0 FROM sessions WHERE cdn < 1e8 GROUP BY COALESCE(isp, 'none'), country HAVING SUM(cdn) >= 5
SELECT isp IS NULL AS k9, p2p > 0 AS k1, COALESCE(MIN(NULLIF(age, 40)), 0) AS a0 FROM sessions WHERE device IS NULL GROUP BY k9, k1 ORDER BY a0 ASC NULLS FIRST, k9, k1
WITH g AS (SELECT stream, age, SUM(p2p) / SUM(p2p + cdn) AS a0, COUNT(*) - 442 AS a1 FROM sessions GROUP BY 1, 2) SELECT stream, age, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT COUNT(*) AS n FROM sessions WHERE p2p < (SELECT MEDIAN(p2p) FROM sessions WHERE age % 2 = 1) AND isp <= 'Nope'
SELECT isp AS v, stream AS s FROM sessions WHERE (age BETWEEN 7 AND 35 OR note LIKE '_ro') UNION SELECT device, stream FROM sessions WHERE COALESCE(isp, 'none') <> 'none'
SELECT device AS v, stream AS s FROM sessions UNION SELECT isp, 2 FROM sessions WHERE (NOT (LENGTH(browser) < NULLIF(age, 40)) AND device <= 'tv')
SELECT device AS v, stream AS s FROM sessions WHERE UPPER(country) = 'DE' UNION SELECT device, 2 FROM sessions WHERE isp = 'Datch Telecam'
SELECT note AS v, 1 AS s FROM sessions WHERE p2p < 0 UNION ALL SELECT isp, stream FROM sessions WHERE age BETWEEN 4 AND 22
SELECT isp IS NULL AS k9, SUM(CASE WHEN connected THEN 1 ELSE 0 END) FILTER (WHERE isp = 'Fro') AS a0 FROM sessions WHERE country NOT IN ('DE', 'DE') GROUP BY 1 ORDER BY k9 ASC NULLS FIRST LIMIT 4
SELECT a.note AS k, a.n, b.m FROM (SELECT note, COUNT(*) AS n FROM sessions WHERE (isp <> 'Datch Telecam' OR stream IN (1, 6)) GROUP BY note) AS a JOIN (SELECT note, MIN(FLOOR(p2p / 10000000)) AS m FROM sessions GROUP BY note) AS b ON a.note = b.note
SELECT DISTINCT device, isp FROM sessions WHERE COALESCE(device, 'none') <> 'none' ORDER BY device, isp DESC
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age NOT IN (SELECT age FROM sessions WHERE country || browser = 'BTPIron') AND age % 2 = 1
SELECT COUNT(*) AS n FROM sessions WHERE cdn <= (SELECT AVG(cdn) FROM sessions) AND age % 2 = 0
SELECT country AS v, 1 AS s FROM sessions WHERE country LIKE '%a%' UNION SELECT note, 2 FROM sessions WHERE country NOT IN ('de', 'de')
SELECT NULLIF(age, 40) AS x0, p2p AS x1, FLOOR(p2p / 10000000) AS x2 FROM sessions WHERE UPPER(country) = 'DE'
WITH g AS (SELECT stream, FLOOR(cdn / 50000000) AS k6, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(note) = 'DE') / COUNT(*), 2) AS a0 FROM sessions GROUP BY stream, k6) SELECT stream, k6, a0 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT SUBSTR(browser, 1, 2) AS k8, COUNT(DISTINCT country) AS a0, SUM(CASE WHEN age BETWEEN 2 AND 10 THEN 1 ELSE 0 END) AS a1, MIN(age * 2) AS a2 FROM sessions WHERE connected IS FALSE GROUP BY 1) SELECT k8, MAX(a0) OVER (PARTITION BY k8) AS w FROM g
SELECT NULLIF(age, 40) AS x0, p2p / NULLIF(p2p + cdn, 0) AS x1 FROM sessions WHERE connected
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE isp IN (SELECT MAX(isp) FROM sessions) AND UPPER(device) = 'DE'
SELECT stream, MAX(-age) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE p2p + cdn >= 50000000) / COUNT(*), 2) AS a1 FROM sessions WHERE NOT (age BETWEEN 6 AND 27) GROUP BY 1 ORDER BY a1 , stream DESC LIMIT 4
WITH g AS (SELECT COALESCE(isp, 'none') AS k5, LOWER(country) AS k2, isp, ROUND(100.0 * COUNT(*) FILTER (WHERE p2p - cdn < CASE WHEN connected THEN 1 ELSE 0 END) / COUNT(*), 2) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, COUNT(DISTINCT note) FILTER (WHERE connected) AS a2 FROM sessions WHERE COALESCE(browser, 'none') <> 'none' GROUP BY 1, 2, 3) SELECT k5, k2, isp, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT stream % 2 AS k3, COALESCE(MAX(p2p + cdn), 0) AS a0, COUNT(*) - 509 AS a1, COUNT(note) FILTER (WHERE note <> '') AS a2 FROM sessions WHERE connected = TRUE GROUP BY k3 HAVING AVG(p2p) < 40
SELECT p2p AS x0 FROM sessions WHERE isp || browser = 'BTPIron'
SELECT ROUND(100.0 * COUNT(*) FILTER (WHERE note = 'O''Neil') / COUNT(*), 2) AS a0, COUNT(*) - 260 AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2, COUNT(DISTINCT stream) FILTER (WHERE age % 2 = 1) AS a3 FROM sessions WHERE note NOT LIKE '%a%'
SELECT age % 3 AS k7, COUNT(country) AS a0, COUNT(DISTINCT isp) FILTER (WHERE browser IS NOT NULL) AS a1 FROM sessions WHERE (NULLIF(age, 40) >= p2p OR stream IN (8, 1)) GROUP BY 1 HAVING SUM(cdn) < 5 ORDER BY a1 DESC, k7 DESC LIMIT 4
SELECT stream % 2 AS k3, p2p > 0 AS k1, COUNT(*) - 658 AS a0, MIN(browser) AS a1, SUM(cdn) AS a2 FROM sessions WHERE age % 2 = 1 GROUP BY stream % 2, p2p > 0 ORDER BY a0 DESC, k3, k1
SELECT age % 3 AS k7, AVG(cdn) AS a0, COUNT(*) AS a1 FROM sessions WHERE p2p + cdn <> 0 GROUP BY k7
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k10) AS c FROM (SELECT device || '-' || country AS k10, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE country || browser = 'BTPIron' GROUP BY 1) AS t
SELECT LOWER(country) AS k2, SUBSTR(browser, 1, 2) AS k8, COUNT(*) - 654 AS a0, MAX(note) AS a1, COUNT(*) - 1368 AS a2 FROM sessions WHERE note <= 'a_b' GROUP BY 1, 2 ORDER BY a2 ASC, k2, k8 DESC
SELECT device AS v, 1 AS s FROM sessions UNION ALL SELECT country, stream FROM sessions WHERE browser < 'Swamp'
SELECT DISTINCT country FROM sessions WHERE note IN ('x', 'O''Neil') ORDER BY country
SELECT isp, COUNT(*) - 632 AS a0, MIN(device) AS a1, MAX(p2p - cdn) AS a2 FROM sessions GROUP BY isp ORDER BY a2 DESC NULLS FIRST, isp LIMIT 5
SELECT COUNT(*) - 452 AS a0, COUNT(*) - 1270 AS a1, COALESCE(MIN(CASE WHEN age > 10 THEN age ELSE stream END), 0) AS a2 FROM sessions WHERE connected IS FALSE
SELECT COUNT(*) AS n FROM sessions WHERE p2p <= (SELECT MEDIAN(p2p) FROM sessions WHERE p2p + cdn >= 1e8) AND p2p + cdn <> 1.5e7
SELECT NULLIF(age, 40) AS x0, p2p AS x1 FROM sessions
SELECT COALESCE(MAX(GREATEST(age, stream)), 0) AS a0 FROM sessions WHERE age IS NULL
SELECT SUBSTR(browser, 1, 2) AS k8, device || '-' || country AS k10, COALESCE(MIN(FLOOR(p2p / 10000000)), 0) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE age % 2 = 1) / COUNT(*), 2) AS a1 FROM sessions WHERE (age % 2 = 1 AND stream IN (5, 3)) GROUP BY k8, k10 ORDER BY k8 ASC, k10 DESC LIMIT 6 OFFSET 0
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k9) AS c FROM (SELECT isp IS NULL AS k9, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(CASE WHEN cdn >= 1.5e7 THEN 1 ELSE 0 END) AS a1 FROM sessions GROUP BY k9 HAVING SUM(cdn) < 100) AS t
SELECT COALESCE(isp, 'none') AS k5, connected, COUNT(*) - 1222 AS a0, MEDIAN(p2p) AS a1 FROM sessions GROUP BY COALESCE(isp, 'none'), connected
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE isp NOT IN (SELECT MAX(isp) FROM sessions WHERE browser <> 'Swamp') AND cdn > 1e8
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE country = 'de' GROUP BY browser) AS a JOIN (SELECT browser, STDDEV(stream % 3) AS m FROM sessions WHERE COALESCE(note, 'none') <> 'none' GROUP BY browser) AS b ON a.browser = b.browser
SELECT note AS v, 1 AS s FROM sessions WHERE country || browser = 'BTPIron' UNION ALL SELECT country, 2 FROM sessions
SELECT DISTINCT browser, connected, country FROM sessions WHERE (connected OR age % 2 = 0) ORDER BY browser DESC, connected DESC, country LIMIT 3
SELECT DISTINCT note FROM sessions WHERE stream NOT IN (5, 3) ORDER BY note
SELECT connected, stream, COALESCE(AVG(stream % 3) FILTER (WHERE NOT (NOT (age % 2 = 0))), 0) AS a0, SUM(CASE WHEN p2p + cdn > 1.5e7 THEN 1 ELSE 0 END) AS a1 FROM sessions WHERE NOT (device = 'Tv') GROUP BY 1, 2 HAVING AVG(p2p) < 30000000 ORDER BY a1 DESC, connected DESC, stream DESC LIMIT 1 OFFSET 3
SELECT browser, age, COUNT(*) - 1114 AS a0, SUM(CASE WHEN NOT (device <= 'tv') THEN 1 ELSE 0 END) AS a1 FROM sessions WHERE isp || browser = 'BTPIron' GROUP BY 1, 2
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions GROUP BY country) AS a LEFT JOIN (SELECT country, SUM(p2p + cdn) FILTER (WHERE age BETWEEN -2 AND 14) AS m FROM sessions WHERE browser = 'Swamp' GROUP BY country) AS b ON a.country = b.country
SELECT device || '-' || country AS k10, browser, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE device = 'tv' GROUP BY device || '-' || country, browser ORDER BY browser DESC, k10
WITH g AS (SELECT LOWER(country) AS k2, p2p > 0 AS k1, COUNT(*) AS a0 FROM sessions GROUP BY k2, k1) SELECT k2, k1, RANK() OVER (ORDER BY a0) AS w FROM g
SELECT COUNT(*) - 1237 AS a0, COUNT(DISTINCT country) AS a1, COUNT(*) - 197 AS a2 FROM sessions
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k9) AS c FROM (SELECT isp IS NULL AS k9, COUNT(*) - 121 AS a0 FROM sessions WHERE isp <> 'Datch Telecam' GROUP BY 1 HAVING COUNT(*) > 100) AS t
SELECT DISTINCT isp FROM sessions WHERE browser LIKE '%a%' ORDER BY isp
SELECT age AS x0, cdn AS x1, ROUND(p2p / 1000000, 1) AS x2 FROM sessions WHERE browser IS NULL
SELECT GREATEST(age, stream) AS x0, LENGTH(browser) AS x1, age * 2 AS x2 FROM sessions WHERE (COALESCE(isp, 'none') <> 'none' AND (country NOT LIKE '_ro' AND connected IS NOT TRUE))
SELECT DISTINCT country, device, stream FROM sessions WHERE NOT (connected IS NULL) ORDER BY country DESC, device, stream
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age NOT IN (SELECT MAX(age) FROM sessions) AND UPPER(device) = 'DE'
SELECT note AS v, stream AS s FROM sessions WHERE (p2p = FLOOR(p2p / 10000000) AND age % 2 = 1) UNION ALL SELECT note, 2 FROM sessions WHERE device <> 'tv'
SELECT age, MIN(country) AS a0 FROM sessions WHERE COALESCE(note, 'none') <> 'none' GROUP BY age ORDER BY a0 ASC, age DESC LIMIT 1
SELECT a.isp AS k, a.n, b.m FROM (SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp) AS a JOIN (SELECT isp, QUANTILE_CONT(p2p + cdn, 0.1) AS m FROM sessions WHERE NOT (NOT (UPPER(isp) = 'DE')) GROUP BY isp) AS b ON a.isp = b.isp
SELECT COUNT(*) AS n FROM sessions WHERE cdn = (SELECT AVG(cdn) FROM sessions) AND device NOT IN ('tv', 'tv')
SELECT MEDIAN(p2p - cdn) AS a0, STDDEV(GREATEST(age, stream)) AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE COALESCE(isp, 'none') <> 'none') / COUNT(*), 2) AS a2, COUNT(*) - 1145 AS a3 FROM sessions WHERE LENGTH(browser) <= p2p + cdn
SELECT isp IS NULL AS k9, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, stream, MAX(cdn) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE browser <> 'Swamp') / COUNT(*), 2) AS a1, SUM(CASE WHEN (stream NOT IN (8, 1) AND stream IN (2, 5)) THEN 1 ELSE 0 END) AS a2 FROM sessions WHERE COALESCE(country, 'none') <> 'none' GROUP BY 1, 2, 3
WITH g AS (SELECT age, COALESCE(isp, 'none') AS k5, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions GROUP BY age, k5, k4) SELECT age, k5, k4, DENSE_RANK() OVER (ORDER BY a0 DESC) AS w FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(connected) AS c FROM (SELECT connected, stream % 2 AS k3, LOWER(country) AS k2, COALESCE(AVG(p2p / NULLIF(p2p + cdn, 0)), 0) AS a0 FROM sessions WHERE isp LIKE '%_%' GROUP BY 1, 2, 3) AS t
SELECT COUNT(DISTINCT age) AS a0 FROM sessions WHERE stream NOT IN (7, 5)
WITH g AS (SELECT p2p > 0 AS k1, COUNT(*) - 1223 AS a0 FROM sessions GROUP BY p2p > 0) SELECT k1, RANK() OVER (ORDER BY a0) AS w FROM g
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE NOT (isp < 'Fro') GROUP BY browser) AS a JOIN (SELECT browser, COUNT(isp) AS m FROM sessions GROUP BY browser) AS b ON a.browser = b.browser
SELECT DISTINCT browser, country FROM sessions WHERE p2p = 0 ORDER BY browser, country DESC
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(stream) AS c FROM (SELECT stream, COUNT(*) - 267 AS a0, COUNT(browser) AS a1, COUNT(*) - 151 AS a2 FROM sessions WHERE CASE WHEN connected THEN 1 ELSE 0 END < age GROUP BY 1 HAVING AVG(p2p) >= 40) AS t
WITH g AS (SELECT age % 3 AS k7, isp, FLOOR(cdn / 50000000) AS k6, ROUND(100.0 * COUNT(*) FILTER (WHERE age % 2 = 0) / COUNT(*), 2) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE country || browser = 'BTPIron') / COUNT(*), 2) AS a1, SUM(CASE WHEN (note IS NOT NULL AND country IS NOT NULL) THEN 1 ELSE 0 END) AS a2 FROM sessions WHERE country IS NULL GROUP BY 1, 2, 3) SELECT k7, isp, k6, MAX(a0) OVER (PARTITION BY k7) AS w FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k8) AS c FROM (SELECT SUBSTR(browser, 1, 2) AS k8, isp, ROUND(100.0 * COUNT(*) FILTER (WHERE p2p IS NOT NULL) / COUNT(*), 2) AS a0 FROM sessions WHERE (GREATEST(age, stream) <= CASE WHEN connected THEN 1 ELSE 0 END AND ABS(p2p - cdn) <> NULLIF(age, 40)) GROUP BY SUBSTR(browser, 1, 2), isp HAVING COUNT(*) > 5) AS t
SELECT device AS v, 1 AS s FROM sessions UNION SELECT device, stream FROM sessions
SELECT isp, COALESCE(COUNT(DISTINCT age), 0) AS a0, COUNT(*) - 622 AS a1, MEDIAN(ROUND(p2p / 1000000, 1)) AS a2 FROM sessions GROUP BY isp
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k7) AS c FROM (SELECT age % 3 AS k7, isp, device || '-' || country AS k10, MEDIAN(p2p - cdn) AS a0 FROM sessions GROUP BY 1, 2, 3) AS t
SELECT isp AS v, 1 AS s FROM sessions WHERE COALESCE(country, 'none') <> 'none' UNION ALL SELECT note, 2 FROM sessions WHERE age BETWEEN 5 AND 31
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(connected) AS c FROM (SELECT connected, isp, COUNT(*) - 1202 AS a0, MAX(browser) AS a1 FROM sessions GROUP BY 1, 2) AS t
SELECT isp IS NULL AS k9, COUNT(DISTINCT browser) FILTER (WHERE age % 2 = 1) AS a0, AVG(age) AS a1 FROM sessions WHERE stream NOT IN (6, 6) GROUP BY k9 HAVING MAX(age) < 5 ORDER BY a0 ASC, k9 LIMIT 1 OFFSET 0
SELECT stream % 2 AS k3, LOWER(country) AS k2, COALESCE(isp, 'none') AS k5, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE UPPER(device) = 'DE' GROUP BY k3, k2, k5 HAVING MAX(age) > 100 ORDER BY k3 DESC, k2 DESC, k5 DESC
WITH g AS (SELECT device || '-' || country AS k10, SUM(CASE WHEN stream IN (2, 8) THEN 1 ELSE 0 END) AS a0, SUM(CASE WHEN browser <> 'Iron' THEN 1 ELSE 0 END) AS a1 FROM sessions GROUP BY 1) SELECT k10, DENSE_RANK() OVER (ORDER BY a0 DESC) AS w FROM g
SELECT FLOOR(cdn / 50000000) AS k6, COUNT(*) - 864 AS a0 FROM sessions GROUP BY 1 HAVING SUM(cdn) > 100
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream NOT IN (SELECT MAX(stream) FROM sessions WHERE GREATEST(age, stream) = p2p / NULLIF(p2p + cdn, 0)) AND COALESCE(country, 'none') <> 'none'
SELECT device AS v, stream AS s FROM sessions WHERE connected = TRUE UNION ALL SELECT device, stream FROM sessions WHERE COALESCE(device, 'none') <> 'none'
SELECT COUNT(*) AS a0, COUNT(*) FILTER (WHERE age % 2 = 0) AS a1, SUM(CASE WHEN p2p > 50000000 THEN 1 ELSE 0 END) AS a2, SUM(age) AS a3 FROM sessions WHERE age BETWEEN -3 AND 26
SELECT isp AS v, 1 AS s FROM sessions UNION SELECT device, stream FROM sessions WHERE browser IN ('Iron', 'Iron')
SELECT device || '-' || country AS k10, SUM(GREATEST(age, stream)) AS a0, STDDEV(age) AS a1 FROM sessions GROUP BY 1 HAVING SUM(cdn) > 100 ORDER BY k10 
SELECT browser AS v, 1 AS s FROM sessions WHERE note IS NULL UNION SELECT isp, stream FROM sessions WHERE (note IS NULL AND CASE WHEN age > 10 THEN age ELSE stream END = stream)
SELECT isp IS NULL AS k9, age % 3 AS k7, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(CASE WHEN UPPER(note) = 'DE' THEN 1 ELSE 0 END) AS a1, COUNT(*) - 585 AS a2 FROM sessions WHERE stream NOT IN (1, 1) GROUP BY k9, k7
SELECT isp AS v, stream AS s FROM sessions WHERE browser NOT LIKE '%o' UNION SELECT browser, 2 FROM sessions
SELECT country, isp, COALESCE(STDDEV(CASE WHEN age > 10 THEN age ELSE stream END), 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE UPPER(note) = 'DE' GROUP BY 1, 2
SELECT DISTINCT country, age FROM sessions WHERE country NOT IN ('de', 'DE') ORDER BY country, age DESC LIMIT 3
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(country) AS c FROM (SELECT country, COUNT(*) - 1260 AS a0, COUNT(country) AS a1 FROM sessions WHERE isp IS NULL GROUP BY country HAVING COUNT(*) < 100) AS t
WITH g AS (SELECT isp, SUM(p2p) / SUM(p2p + cdn) AS a0, MAX(device) AS a1 FROM sessions WHERE age % 2 = 1 GROUP BY isp) SELECT isp, a1 AS v, COUNT(*) OVER () AS n FROM g
SELECT COUNT(*) AS n FROM sessions WHERE p2p <= (SELECT MEDIAN(cdn) FROM sessions WHERE connected IS FALSE) AND age BETWEEN 6 AND 16
WITH g AS (SELECT SUBSTR(browser, 1, 2) AS k8, AVG(p2p / NULLIF(p2p + cdn, 0)) AS a0, COUNT(*) - 676 AS a1, COUNT(*) - 106 AS a2 FROM sessions WHERE cdn <= 50000000 GROUP BY SUBSTR(browser, 1, 2)) SELECT k8, COUNT(a1) OVER (PARTITION BY k8) AS w FROM g
SELECT connected, browser, ROUND(100.0 * COUNT(*) FILTER (WHERE (UPPER(isp) = 'DE' AND p2p + cdn <> 50000000)) / COUNT(*), 2) AS a0 FROM sessions GROUP BY connected, browser ORDER BY connected DESC, browser
WITH g AS (SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, isp, device || '-' || country AS k10, MEDIAN(stream % 3) AS a0, STDDEV(stream % 3) AS a1 FROM sessions GROUP BY k4, isp, k10 HAVING COUNT(*) >= 40) SELECT k4, isp, k10, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT SUBSTR(browser, 1, 2) AS k8, COUNT(*) - 1141 AS a0, STDDEV(ABS(p2p - cdn)) AS a1 FROM sessions GROUP BY SUBSTR(browser, 1, 2) HAVING AVG(p2p) >= 30000000
SELECT -age AS x0, cdn AS x1, cdn / 1000000 AS x2 FROM sessions WHERE COALESCE(browser, 'none') <> 'none'
SELECT device || '-' || country AS k10, SUBSTR(browser, 1, 2) AS k8, QUANTILE_CONT(p2p, 0.95) AS a0 FROM sessions WHERE NOT connected GROUP BY k10, k8
SELECT country, STDDEV(cdn) AS a0, COALESCE(SUM(CASE WHEN age % 2 = 0 THEN 1 ELSE 0 END), 0) AS a1 FROM sessions GROUP BY country ORDER BY a0 ASC NULLS FIRST, country DESC LIMIT 4
SELECT LENGTH(browser) AS x0, cdn / 1000000 AS x1, age * 2 AS x2 FROM sessions WHERE cdn > 50000000
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k6) AS c FROM (SELECT FLOOR(cdn / 50000000) AS k6, COUNT(device) AS a0, MEDIAN(stream % 3) AS a1, MEDIAN(CASE WHEN connected THEN 1 ELSE 0 END) AS a2 FROM sessions WHERE cdn > 1.5e7 GROUP BY 1) AS t
SELECT COALESCE(isp, 'none') AS k5, SUM(NULLIF(age, 40)) FILTER (WHERE NOT (cdn <> 1e8)) AS a0, MEDIAN(NULLIF(age, 40)) AS a1, COALESCE(COUNT(*), 0) AS a2 FROM sessions WHERE p2p + cdn < 1.5e7 GROUP BY COALESCE(isp, 'none') ORDER BY a1 ASC NULLS FIRST, k5 DESC LIMIT 3
SELECT FLOOR(cdn / 50000000) AS k6, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE age BETWEEN -3 AND 30 GROUP BY FLOOR(cdn / 50000000) ORDER BY a0 ASC, k6 LIMIT 8
SELECT ROUND(p2p / 1000000, 1) AS x0, p2p - cdn AS x1, p2p AS x2 FROM sessions WHERE COALESCE(device, 'none') <> 'none'
SELECT SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, COUNT(DISTINCT age) FILTER (WHERE cdn <> 1e8) AS a2 FROM sessions
WITH g AS (SELECT FLOOR(cdn / 50000000) AS k6, browser, COUNT(device) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE browser NOT IN ('Swamp', 'Swamp') GROUP BY FLOOR(cdn / 50000000), browser HAVING SUM(cdn) >= 40) SELECT k6, browser, a0 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT stream % 2 AS k3, ROUND(100.0 * COUNT(*) FILTER (WHERE (p2p <> 50000000 AND cdn > 0)) / COUNT(*), 2) AS a0, STDDEV(age) AS a1, COUNT(isp) AS a2 FROM sessions WHERE age % 2 = 1 GROUP BY 1 HAVING AVG(p2p) < 100) SELECT k3, a2 AS v, COUNT(*) OVER () AS n FROM g
SELECT COALESCE(isp, 'none') AS k5, COUNT(*) - 266 AS a0, MEDIAN(LENGTH(browser)) AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(isp) = 'DE') / COUNT(*), 2) AS a2 FROM sessions WHERE stream IN (2, 7) GROUP BY k5 ORDER BY a1 ASC, k5 LIMIT 8
SELECT connected, LOWER(country) AS k2, country, MEDIAN(cdn / 1000000) AS a0 FROM sessions GROUP BY connected, LOWER(country), country ORDER BY k2 , connected, country
SELECT -age AS x0, FLOOR(p2p / 10000000) AS x1 FROM sessions WHERE device = 'tv'
SELECT CASE WHEN age > 10 THEN age ELSE stream END AS x0, cdn / 1000000 AS x1, ABS(p2p - cdn) AS x2 FROM sessions WHERE isp NOT LIKE '%a%'
SELECT isp AS v, 1 AS s FROM sessions WHERE isp IS NULL UNION ALL SELECT browser, 2 FROM sessions WHERE country || browser = 'BTPIron'
SELECT COUNT(*) AS n FROM sessions WHERE cdn < (SELECT MAX(p2p) FROM sessions WHERE isp || browser = 'BTPIron') AND age IS NOT NULL
SELECT isp, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, COALESCE(COUNT(DISTINCT note), 0) AS a0, SUM(CASE WHEN (age % 2 = 1 AND note NOT IN ('O''Neil', 'a_b')) THEN 1 ELSE 0 END) AS a1 FROM sessions WHERE p2p <> 1.5e7 GROUP BY 1, 2
SELECT a.stream AS k, a.n, b.m FROM (SELECT stream, COUNT(*) AS n FROM sessions WHERE isp = 'Nope' GROUP BY stream) AS a LEFT JOIN (SELECT stream, SUM(NULLIF(age, 40)) AS m FROM sessions WHERE stream NOT IN (3, 3) GROUP BY stream) AS b ON a.stream = b.stream
SELECT QUANTILE_CONT(p2p, 0.5) AS a0 FROM sessions WHERE note = 'O''Neil'
SELECT stream, connected, MEDIAN(stream) AS a0, STDDEV(cdn) AS a1, COALESCE(MAX(age), 0) AS a2 FROM sessions WHERE NOT (NOT (age % 2 = 1)) GROUP BY stream, connected
SELECT stream, COUNT(*) FILTER (WHERE age < stream) AS a0, COUNT(DISTINCT stream) AS a1 FROM sessions WHERE stream NOT IN (8, 3) GROUP BY stream
SELECT COALESCE(SUM(p2p / NULLIF(p2p + cdn, 0)), 0) AS a0 FROM sessions
SELECT p2p > 0 AS k1, stream, COUNT(DISTINCT age) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(country) = 'DE') / COUNT(*), 2) AS a1 FROM sessions WHERE device = 'tv' GROUP BY p2p > 0, stream
SELECT DISTINCT isp FROM sessions WHERE browser LIKE '_ro' ORDER BY isp DESC
SELECT AVG(stream) FILTER (WHERE country || browser = 'BTPIron') AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, COUNT(*) - 146 AS a2, SUM(CASE WHEN age % 2 = 1 THEN 1 ELSE 0 END) AS a3 FROM sessions WHERE COALESCE(browser, 'none') <> 'none'
SELECT note AS v, 1 AS s FROM sessions WHERE (country < 'de' AND browser NOT IN ('Iron', 'Iron')) UNION SELECT browser, stream FROM sessions
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(connected) AS c FROM (SELECT connected, ROUND(100.0 * COUNT(*) FILTER (WHERE NOT connected) / COUNT(*), 2) AS a0 FROM sessions WHERE device < 'tv' GROUP BY 1) AS t
SELECT connected, COALESCE(COUNT(*), 0) AS a0, MAX(age % 5) FILTER (WHERE age % 2 = 1) AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE (isp || browser = 'BTPIron' OR p2p = 1.5e7)) / COUNT(*), 2) AS a2 FROM sessions WHERE NOT (GREATEST(age, stream) >= age % 5) GROUP BY 1 HAVING AVG(p2p) >= 100 ORDER BY a1 ASC, connected DESC LIMIT 5
SELECT DISTINCT browser, device FROM sessions WHERE device = 'Tv' ORDER BY browser, device DESC LIMIT 7
SELECT FLOOR(cdn / 50000000) AS k6, STDDEV(stream % 3) AS a0 FROM sessions WHERE country || browser = 'BTPIron' GROUP BY 1
SELECT browser AS v, 1 AS s FROM sessions WHERE NOT (ROUND(p2p / 1000000, 1) = GREATEST(age, stream)) UNION SELECT device, 2 FROM sessions WHERE (stream NOT IN (5, 4) OR isp = 'Datch Telecam')
SELECT note AS v, stream AS s FROM sessions UNION ALL SELECT isp, stream FROM sessions
SELECT SUM(p2p) / SUM(p2p + cdn) AS a0, COALESCE(COUNT(age), 0) AS a1 FROM sessions WHERE browser IS NOT NULL
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(connected) AS c FROM (SELECT connected, age % 3 AS k7, COUNT(*) - 1360 AS a0 FROM sessions WHERE NULLIF(age, 40) = age GROUP BY connected, age % 3 HAVING COUNT(*) >= 30000000) AS t
SELECT LOWER(country) AS k2, COUNT(isp) FILTER (WHERE browser IS NULL) AS a0 FROM sessions WHERE UPPER(note) = 'DE' GROUP BY LOWER(country)
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k8) AS c FROM (SELECT SUBSTR(browser, 1, 2) AS k8, device || '-' || country AS k10, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, MEDIAN(age % 5) AS a0 FROM sessions WHERE (country IN ('de', 'DE') AND age BETWEEN 5 AND 17) GROUP BY SUBSTR(browser, 1, 2), device || '-' || country, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END) AS t
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, age % 3 AS k7, COALESCE(MEDIAN(cdn), 0) AS a0, AVG(stream) AS a1 FROM sessions WHERE country NOT LIKE '_ro' GROUP BY k4, k7 HAVING AVG(p2p) > 5 ORDER BY k7 , k4
WITH g AS (SELECT isp IS NULL AS k9, COALESCE(isp, 'none') AS k5, MAX(p2p) AS a0, MEDIAN(p2p) AS a1 FROM sessions WHERE isp || browser = 'BTPIron' GROUP BY 1, 2) SELECT k9, k5, SUM(a0) OVER () AS w FROM g
SELECT connected, MEDIAN(FLOOR(p2p / 10000000)) AS a0, SUM(age * 2) AS a1 FROM sessions WHERE age BETWEEN 7 AND 37 GROUP BY connected
WITH g AS (SELECT isp IS NULL AS k9, connected, browser, MIN(cdn / 1000000) AS a0 FROM sessions GROUP BY 1, 2, 3) SELECT k9, connected, browser, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT country, COUNT(*) AS a0, COUNT(*) AS a1 FROM sessions WHERE NOT (p2p + cdn < 0) GROUP BY country ORDER BY a1 , country
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions GROUP BY country) AS a JOIN (SELECT country, COUNT(DISTINCT country) AS m FROM sessions WHERE connected IS NULL GROUP BY country) AS b ON a.country = b.country
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions WHERE UPPER(isp) = 'DE' GROUP BY country) AS a JOIN (SELECT country, MEDIAN(p2p) AS m FROM sessions WHERE stream NOT IN (5, 8) GROUP BY country) AS b ON a.country = b.country
SELECT ROUND(100.0 * COUNT(*) FILTER (WHERE isp = 'BTP') / COUNT(*), 2) AS a0, MEDIAN(p2p + cdn) AS a1 FROM sessions WHERE isp || browser = 'BTPIron'
SELECT p2p + cdn AS x0, CASE WHEN age > 10 THEN age ELSE stream END AS x1 FROM sessions
SELECT COALESCE(age, 0) AS x0 FROM sessions WHERE device >= 'Tv'
SELECT ROUND(100.0 * COUNT(*) FILTER (WHERE cdn > 50000000) / COUNT(*), 2) AS a0, COALESCE(SUM(p2p - cdn) FILTER (WHERE country <= 'DE'), 0) AS a1 FROM sessions WHERE browser = 'Iron'
SELECT COUNT(country) AS a0 FROM sessions WHERE age BETWEEN 6 AND 9
SELECT ABS(p2p - cdn) AS x0 FROM sessions
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age NOT IN (SELECT age FROM sessions WHERE device IS NOT NULL) AND device IS NOT NULL
SELECT isp IS NULL AS k9, isp, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, COUNT(browser) AS a0, QUANTILE_CONT(p2p + cdn, 0.5) AS a1, MAX(stream % 3) AS a2 FROM sessions WHERE stream IN (2, 7) GROUP BY isp IS NULL, isp, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END HAVING MAX(age) > 30000000
SELECT note AS v, stream AS s FROM sessions WHERE country || browser = 'BTPIron' UNION SELECT device, stream FROM sessions
SELECT isp IS NULL AS k9, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions GROUP BY 1 ORDER BY k9 ASC
SELECT connected, ROUND(100.0 * COUNT(*) FILTER (WHERE note NOT IN ('O''Neil', '')) / COUNT(*), 2) AS a0, COALESCE(MAX(-age), 0) AS a1 FROM sessions GROUP BY connected ORDER BY a0 DESC NULLS FIRST, connected DESC
SELECT age % 3 AS k7, SUBSTR(browser, 1, 2) AS k8, STDDEV(CASE WHEN connected THEN 1 ELSE 0 END) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, COUNT(*) - 1494 AS a2 FROM sessions WHERE COALESCE(browser, 'none') <> 'none' GROUP BY k7, k8 ORDER BY a0 ASC NULLS FIRST, k7 DESC, k8 DESC LIMIT 2
SELECT DISTINCT note, country FROM sessions ORDER BY note DESC, country
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE NOT connected GROUP BY browser) AS a JOIN (SELECT browser, MEDIAN(ABS(p2p - cdn)) AS m FROM sessions WHERE isp < 'BTP' GROUP BY browser) AS b ON a.browser = b.browser
WITH g AS (SELECT browser, LOWER(country) AS k2, COUNT(*) - 1429 AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE age <= CASE WHEN connected THEN 1 ELSE 0 END GROUP BY browser, LOWER(country) HAVING COUNT(*) >= 100) SELECT browser, k2, RANK() OVER (ORDER BY a1) AS w FROM g
SELECT connected, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE (browser = 'Iron' AND country || browser = 'BTPIron') GROUP BY connected ORDER BY a0 DESC NULLS FIRST, connected DESC LIMIT 3
SELECT COALESCE(isp, 'none') AS k5, country, age, SUM(p2p) / SUM(p2p + cdn) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE cdn <> 50000000) / COUNT(*), 2) AS a1 FROM sessions WHERE isp = 'BTP' GROUP BY 1, 2, 3 ORDER BY age DESC NULLS FIRST, k5, country DESC LIMIT 3
SELECT COALESCE(isp, 'none') AS k5, MAX(cdn) AS a0, MEDIAN(age * 2) AS a1, COUNT(*) - 628 AS a2 FROM sessions WHERE (isp || browser = 'BTPIron' OR country LIKE 'I%n') GROUP BY 1 HAVING MAX(age) > 100 ORDER BY a2 DESC NULLS FIRST, k5 LIMIT 5
SELECT DISTINCT note FROM sessions ORDER BY note
SELECT age, SUBSTR(browser, 1, 2) AS k8, SUM(CASE WHEN CASE WHEN connected THEN 1 ELSE 0 END = COALESCE(age, 0) THEN 1 ELSE 0 END) AS a0, SUM(CASE WHEN isp LIKE 'B%' THEN 1 ELSE 0 END) AS a1 FROM sessions GROUP BY 1, 2
SELECT DISTINCT browser, stream FROM sessions WHERE stream NOT IN (8, 5) ORDER BY browser, stream DESC
SELECT device || '-' || country AS k10, COALESCE(isp, 'none') AS k5, stream % 2 AS k3, COUNT(country) AS a0, COUNT(*) - 1031 AS a1 FROM sessions WHERE NOT (COALESCE(isp, 'none') <> 'none') GROUP BY device || '-' || country, COALESCE(isp, 'none'), stream % 2 ORDER BY a0 , k10, k5, k3
SELECT stream % 2 AS k3, ROUND(100.0 * COUNT(*) FILTER (WHERE device LIKE 'I%n') / COUNT(*), 2) AS a0, MEDIAN(cdn) AS a1, COUNT(browser) AS a2 FROM sessions WHERE browser <> 'Iron' GROUP BY k3 HAVING AVG(p2p) > 40
WITH g AS (SELECT age % 3 AS k7, device || '-' || country AS k10, COALESCE(STDDEV(age % 5), 0) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE (note IN ('O''Neil', 'a_b') OR isp = 'BTP')) / COUNT(*), 2) AS a1 FROM sessions WHERE isp = 'Datch Telecam' GROUP BY age % 3, device || '-' || country HAVING COUNT(*) > 100) SELECT k7, k10, MIN(a1) OVER () AS w FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k6) AS c FROM (SELECT FLOOR(cdn / 50000000) AS k6, MIN(browser) AS a0, COUNT(DISTINCT stream) AS a1 FROM sessions WHERE (UPPER(note) = 'DE' OR isp <> 'Datch Telecam') GROUP BY k6 HAVING MAX(age) > 30000000) AS t
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, isp IS NULL AS k9, COUNT(*) - 547 AS a0, SUM(age * 2) AS a1, MIN(country) AS a2 FROM sessions GROUP BY 1, 2 ORDER BY a2 DESC, k4, k9 DESC
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age NOT IN (SELECT MAX(age) FROM sessions) AND connected
WITH g AS (SELECT age, country, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE browser NOT IN ('Iron', 'Swamp') GROUP BY age, country) SELECT age, country, a0 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT browser, country, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions GROUP BY browser, country) SELECT browser, country, RANK() OVER (ORDER BY a0) AS w FROM g
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions GROUP BY browser) AS a LEFT JOIN (SELECT browser, COUNT(DISTINCT age) AS m FROM sessions GROUP BY browser) AS b ON a.browser = b.browser
SELECT country AS v, stream AS s FROM sessions WHERE country NOT LIKE '%o' UNION ALL SELECT note, 2 FROM sessions WHERE NOT connected
SELECT isp, ROUND(100.0 * COUNT(*) FILTER (WHERE country || browser = 'BTPIron') / COUNT(*), 2) AS a0, COALESCE(COUNT(browser), 0) AS a1 FROM sessions WHERE age BETWEEN 2 AND 23 GROUP BY 1 HAVING SUM(cdn) > 5 ORDER BY a0 ASC NULLS FIRST, isp DESC
WITH g AS (SELECT stream % 2 AS k3, COALESCE(isp, 'none') AS k5, MIN(note) AS a0 FROM sessions WHERE NOT (((device IS NULL AND browser IS NULL) OR connected IS NOT NULL)) GROUP BY k3, k5 HAVING MAX(age) > 40) SELECT k3, k5, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT p2p > 0 AS k1, MIN(ABS(p2p - cdn)) AS a0 FROM sessions GROUP BY p2p > 0
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k1) AS c FROM (SELECT p2p > 0 AS k1, age, connected, COUNT(*) - 838 AS a0 FROM sessions GROUP BY p2p > 0, age, connected) AS t
SELECT browser AS v, 1 AS s FROM sessions UNION ALL SELECT note, stream FROM sessions WHERE age BETWEEN 5 AND 20
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k2) AS c FROM (SELECT LOWER(country) AS k2, COALESCE(QUANTILE_CONT(p2p, 0.95), 0) AS a0, COUNT(p2p) AS a1 FROM sessions WHERE browser NOT LIKE '%_%' GROUP BY k2 HAVING MAX(age) < 30000000) AS t
WITH g AS (SELECT LOWER(country) AS k2, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(age * 2) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions GROUP BY 1) SELECT k2, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT browser, COALESCE(SUM(ROUND(p2p / 1000000, 1)), 0) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE (device NOT LIKE '%_%' AND COALESCE(browser, 'none') <> 'none')) / COUNT(*), 2) AS a1 FROM sessions WHERE stream IN (8, 7) GROUP BY browser ORDER BY a0  NULLS FIRST, browser LIMIT 8 OFFSET 0
SELECT device || '-' || country AS k10, isp IS NULL AS k9, SUM(CASE WHEN connected = TRUE THEN 1 ELSE 0 END) AS a0 FROM sessions GROUP BY 1, 2
WITH g AS (SELECT browser, stream % 2 AS k3, SUM(p2p) / SUM(p2p + cdn) AS a0, MAX(isp) AS a1 FROM sessions GROUP BY browser, k3) SELECT browser, k3, a1 AS v, COUNT(*) OVER () AS n FROM g
SELECT country AS v, 1 AS s FROM sessions UNION SELECT device, stream FROM sessions
SELECT a.note AS k, a.n, b.m FROM (SELECT note, COUNT(*) AS n FROM sessions GROUP BY note) AS a JOIN (SELECT note, COUNT(browser) AS m FROM sessions GROUP BY note) AS b ON a.note = b.note
SELECT DISTINCT connected, isp, note FROM sessions ORDER BY connected, isp DESC, note
SELECT DISTINCT country, stream, age FROM sessions WHERE note = 'O''Neil' ORDER BY country DESC, stream DESC, age DESC LIMIT 2
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k5) AS c FROM (SELECT COALESCE(isp, 'none') AS k5, country, MAX(isp) AS a0 FROM sessions WHERE (note = 'a_b' OR note <= 'x') GROUP BY k5, country) AS t
SELECT DISTINCT note FROM sessions WHERE note NOT IN ('x', 'x') ORDER BY note
SELECT browser AS v, stream AS s FROM sessions WHERE country || browser = 'BTPIron' UNION SELECT country, stream FROM sessions
SELECT COUNT(*) AS n FROM sessions WHERE p2p >= (SELECT MAX(cdn) FROM sessions) AND (country || browser = 'BTPIron' AND UPPER(isp) = 'DE')
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age IN (SELECT age FROM sessions WHERE age % 2 = 0 GROUP BY age HAVING COUNT(*) > 381) AND country >= 'DE'
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE (NULLIF(age, 40) <> NULLIF(age, 40) AND cdn > 1.5e7) GROUP BY browser) AS a JOIN (SELECT browser, AVG(p2p - cdn) AS m FROM sessions WHERE NOT (country NOT LIKE '_ro') GROUP BY browser) AS b ON a.browser = b.browser
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions GROUP BY browser) AS a JOIN (SELECT browser, MAX(GREATEST(age, stream)) AS m FROM sessions GROUP BY browser) AS b ON a.browser = b.browser
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE browser IN (SELECT browser FROM sessions WHERE (UPPER(country) = 'DE' OR stream NOT IN (1, 1)) GROUP BY browser HAVING COUNT(*) > 444) AND COALESCE(browser, 'none') <> 'none'
WITH g AS (SELECT browser, COUNT(DISTINCT age) AS a0, SUM(CASE WHEN isp NOT LIKE 'B%' THEN 1 ELSE 0 END) AS a1, COALESCE(SUM(ABS(p2p - cdn)) FILTER (WHERE UPPER(browser) = 'DE'), 0) AS a2 FROM sessions WHERE note = 'x' GROUP BY browser) SELECT browser, a2 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT FLOOR(cdn / 50000000) AS k6, ROUND(100.0 * COUNT(*) FILTER (WHERE p2p + cdn <= 50000000) / COUNT(*), 2) AS a0, MIN(ROUND(p2p / 1000000, 1)) AS a1 FROM sessions WHERE isp <= 'Datch Telecam' GROUP BY FLOOR(cdn / 50000000)) SELECT k6, a0 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT age, p2p > 0 AS k1, SUM(p2p) / SUM(p2p + cdn) AS a0 FROM sessions WHERE (UPPER(isp) = 'DE' AND NOT (isp IS NULL)) GROUP BY age, p2p > 0) SELECT age, k1, COUNT(a0) OVER (PARTITION BY k1) AS w FROM g
SELECT note AS v, 1 AS s FROM sessions UNION ALL SELECT browser, stream FROM sessions
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, isp IS NULL AS k9, COUNT(*) - 298 AS a0, COALESCE(SUM(ABS(p2p - cdn)), 0) AS a1 FROM sessions WHERE COALESCE(note, 'none') <> 'none' GROUP BY 1, 2 HAVING COUNT(*) > 100 ORDER BY a0 DESC, k4, k9 DESC
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k3) AS c FROM (SELECT stream % 2 AS k3, STDDEV(NULLIF(age, 40)) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(isp) = 'DE') / COUNT(*), 2) AS a1, SUM(COALESCE(age, 0)) AS a2 FROM sessions WHERE stream IN (5, 3) GROUP BY stream % 2) AS t
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE browser NOT LIKE '_ro' GROUP BY browser) AS a LEFT JOIN (SELECT browser, SUM(LENGTH(browser)) AS m FROM sessions WHERE ((age * 2 = p2p / NULLIF(p2p + cdn, 0) OR device IS NULL) OR COALESCE(isp, 'none') <> 'none') GROUP BY browser) AS b ON a.browser = b.browser
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream NOT IN (SELECT MAX(stream) FROM sessions) AND NOT (((age % 5 >= ABS(p2p - cdn) AND COALESCE(note, 'none') <> 'none') OR UPPER(note) = 'DE'))
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream IN (SELECT stream FROM sessions WHERE UPPER(note) = 'DE' GROUP BY stream HAVING COUNT(*) > 562) AND country || browser = 'BTPIron'
SELECT age, COALESCE(isp, 'none') AS k5, p2p > 0 AS k1, COUNT(*) - 726 AS a0, AVG(p2p / NULLIF(p2p + cdn, 0)) AS a1 FROM sessions WHERE note LIKE 'B%' GROUP BY age, COALESCE(isp, 'none'), p2p > 0 ORDER BY k1 DESC NULLS FIRST, age DESC, k5 DESC
SELECT connected, MIN(NULLIF(age, 40)) AS a0 FROM sessions GROUP BY connected HAVING MAX(age) < 40 ORDER BY a0 ASC, connected LIMIT 4
SELECT FLOOR(cdn / 50000000) AS k6, COUNT(*) - 562 AS a0, MAX(-age) AS a1, SUM(p2p) FILTER (WHERE FLOOR(p2p / 10000000) <> stream) AS a2 FROM sessions WHERE browser NOT LIKE '_ro' GROUP BY FLOOR(cdn / 50000000) ORDER BY a0 ASC, k6 DESC LIMIT 1
SELECT ROUND(100.0 * COUNT(*) FILTER (WHERE browser IN ('Swamp', 'Iron')) / COUNT(*), 2) AS a0, COUNT(*) FILTER (WHERE device LIKE 'I%n') AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE connected IS NOT TRUE) / COUNT(*), 2) AS a2, MAX(p2p / NULLIF(p2p + cdn, 0)) AS a3 FROM sessions WHERE LENGTH(browser) > ABS(p2p - cdn)
SELECT QUANTILE_CONT(cdn, 0.95) AS a0 FROM sessions WHERE note > 'a_b'
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE isp IN (SELECT MAX(isp) FROM sessions) AND UPPER(isp) = 'DE'
SELECT a.note AS k, a.n, b.m FROM (SELECT note, COUNT(*) AS n FROM sessions WHERE (COALESCE(note, 'none') <> 'none' OR device IS NULL) GROUP BY note) AS a JOIN (SELECT note, SUM(CASE WHEN note < 'a_b' THEN 1 ELSE 0 END) AS m FROM sessions WHERE (p2p <= 1e8 AND UPPER(isp) = 'DE') GROUP BY note) AS b ON a.note = b.note
WITH g AS (SELECT age % 3 AS k7, COUNT(*) - 712 AS a0, MIN(isp) AS a1 FROM sessions WHERE (connected IS NOT TRUE AND stream NOT IN (4, 5)) GROUP BY age % 3 HAVING SUM(cdn) < 30000000) SELECT k7, MAX(a0) OVER (PARTITION BY k7) AS w FROM g
SELECT FLOOR(cdn / 50000000) AS k6, SUM(CASE WHEN stream IN (4, 7) THEN 1 ELSE 0 END) AS a0, SUM(p2p + cdn) FILTER (WHERE ROUND(p2p / 1000000, 1) > NULLIF(age, 40)) AS a1 FROM sessions GROUP BY k6 ORDER BY k6  LIMIT 3
SELECT FLOOR(cdn / 50000000) AS k6, COUNT(*) - 257 AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(note) = 'DE') / COUNT(*), 2) AS a1 FROM sessions GROUP BY 1
SELECT connected, stream % 2 AS k3, COUNT(DISTINCT country) AS a0, COUNT(*) - 203 AS a1 FROM sessions GROUP BY 1, 2
WITH g AS (SELECT isp IS NULL AS k9, MAX(COALESCE(age, 0)) AS a0, STDDEV(CASE WHEN age > 10 THEN age ELSE stream END) AS a1 FROM sessions WHERE note NOT LIKE 'B%' GROUP BY 1 HAVING COUNT(*) < 40) SELECT k9, RANK() OVER (ORDER BY a1) AS w FROM g
SELECT cdn / 1000000 AS x0 FROM sessions WHERE country LIKE '%_%'
SELECT CASE WHEN connected THEN 1 ELSE 0 END AS x0, CASE WHEN age > 10 THEN age ELSE stream END AS x1, stream AS x2 FROM sessions WHERE isp IS NOT NULL
SELECT p2p - cdn AS x0 FROM sessions
SELECT COALESCE(isp, 'none') AS k5, isp IS NULL AS k9, COUNT(*) - 499 AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE isp NOT IN ('BTP', 'Datch Telecam') GROUP BY 1, 2 HAVING SUM(cdn) < 5
SELECT cdn AS x0, cdn AS x1, COALESCE(age, 0) AS x2 FROM sessions WHERE isp <> 'BTP'
WITH g AS (SELECT SUBSTR(browser, 1, 2) AS k8, device || '-' || country AS k10, LOWER(country) AS k2, QUANTILE_CONT(p2p + cdn, 0.1) AS a0, COUNT(*) AS a1 FROM sessions GROUP BY k8, k10, k2 HAVING SUM(cdn) >= 100) SELECT k8, k10, k2, MAX(a0) OVER (PARTITION BY k8) AS w FROM g
WITH g AS (SELECT browser, SUM(CASE WHEN COALESCE(note, 'none') <> 'none' THEN 1 ELSE 0 END) AS a0, MAX(p2p / NULLIF(p2p + cdn, 0)) FILTER (WHERE browser LIKE 'B%') AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE isp NOT LIKE '_ro' GROUP BY browser) SELECT browser, SUM(a0) OVER () AS w FROM g
SELECT age % 3 AS k7, connected, STDDEV(NULLIF(age, 40)) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions GROUP BY k7, connected
SELECT COALESCE(age, 0) AS x0 FROM sessions WHERE note NOT IN ('', 'O''Neil')
WITH g AS (SELECT stream, p2p > 0 AS k1, STDDEV(CASE WHEN age > 10 THEN age ELSE stream END) AS a0, MAX(LENGTH(browser)) AS a1 FROM sessions WHERE note > '' GROUP BY stream, k1) SELECT stream, k1, a1 AS v, COUNT(*) OVER () AS n FROM g
SELECT COUNT(DISTINCT stream) AS a0, COALESCE(COUNT(p2p), 0) AS a1, COUNT(*) - 891 AS a2 FROM sessions WHERE cdn <> 0
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions WHERE ABS(p2p - cdn) <= p2p GROUP BY browser) AS a LEFT JOIN (SELECT browser, MAX(note) AS m FROM sessions WHERE country || browser = 'BTPIron' GROUP BY browser) AS b ON a.browser = b.browser
WITH g AS (SELECT age, COALESCE(MIN(cdn), 0) AS a0, SUM(FLOOR(p2p / 10000000)) FILTER (WHERE age % 2 = 1) AS a1 FROM sessions GROUP BY age) SELECT age, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k4) AS c FROM (SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, device || '-' || country AS k10, MAX(age * 2) AS a0, MIN(LENGTH(browser)) AS a1 FROM sessions WHERE cdn > 50000000 GROUP BY CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END, device || '-' || country) AS t
SELECT browser, ROUND(100.0 * COUNT(*) FILTER (WHERE isp || browser = 'BTPIron') / COUNT(*), 2) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE connected = TRUE GROUP BY browser HAVING AVG(p2p) >= 40 ORDER BY a0 DESC, browser DESC LIMIT 2 OFFSET 0
SELECT -age AS x0 FROM sessions
SELECT FLOOR(cdn / 50000000) AS k6, MEDIAN(p2p - cdn) AS a0, QUANTILE_CONT(p2p + cdn, 0.1) AS a1 FROM sessions WHERE p2p - cdn < LENGTH(browser) GROUP BY 1
SELECT device AS v, stream AS s FROM sessions WHERE COALESCE(note, 'none') <> 'none' UNION ALL SELECT isp, stream FROM sessions WHERE NOT (country LIKE '%a%')
SELECT COALESCE(isp, 'none') AS k5, isp, SUM(p2p) / SUM(p2p + cdn) AS a0, AVG(p2p + cdn) AS a1 FROM sessions WHERE stream NOT IN (3, 6) GROUP BY k5, isp ORDER BY a1 , k5 DESC, isp
SELECT country, SUBSTR(browser, 1, 2) AS k8, SUM(CASE WHEN stream IN (5, 8) THEN 1 ELSE 0 END) AS a0, MIN(country) AS a1, COUNT(*) - 378 AS a2 FROM sessions WHERE browser IN ('Iron', 'Swamp') GROUP BY country, k8 HAVING AVG(p2p) < 40 ORDER BY a0 , country, k8
WITH g AS (SELECT stream, MIN(NULLIF(age, 40)) AS a0, MAX(browser) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE ((note IS NOT NULL AND p2p > 50000000) AND (cdn = 0 AND stream NOT IN (1, 5))) GROUP BY 1) SELECT stream, DENSE_RANK() OVER (ORDER BY a2 DESC) AS w FROM g
SELECT LOWER(country) AS k2, ROUND(100.0 * COUNT(*) FILTER (WHERE COALESCE(note, 'none') <> 'none') / COUNT(*), 2) AS a0 FROM sessions GROUP BY k2 HAVING COUNT(*) > 5
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(browser) AS c FROM (SELECT browser, age, COALESCE(COUNT(p2p), 0) AS a0, COUNT(*) - 1079 AS a1 FROM sessions GROUP BY browser, age) AS t
WITH g AS (SELECT FLOOR(cdn / 50000000) AS k6, COUNT(browser) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE (age % 2 = 1 AND connected = TRUE)) / COUNT(*), 2) AS a2 FROM sessions WHERE p2p + cdn >= -age GROUP BY k6 HAVING AVG(p2p) < 100) SELECT k6, DENSE_RANK() OVER (ORDER BY a2 DESC) AS w FROM g
SELECT a.device AS k, a.n, b.m FROM (SELECT device, COUNT(*) AS n FROM sessions WHERE (connected IS NOT TRUE AND stream NOT IN (2, 6)) GROUP BY device) AS a LEFT JOIN (SELECT device, QUANTILE_CONT(p2p, 0.95) AS m FROM sessions WHERE browser <> 'Iron' GROUP BY device) AS b ON a.device = b.device
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE isp NOT IN (SELECT MAX(isp) FROM sessions WHERE isp > 'Nope') AND cdn < 1.5e7
SELECT SUBSTR(browser, 1, 2) AS k8, MIN(isp) AS a0 FROM sessions WHERE isp = 'Nope' GROUP BY k8 ORDER BY k8 ASC NULLS FIRST
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, COALESCE(isp, 'none') AS k5, age, COUNT(p2p) AS a0, SUM(age * 2) AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE COALESCE(isp, 'none') <> 'none') / COUNT(*), 2) AS a2 FROM sessions WHERE age % 2 = 0 GROUP BY 1, 2, 3 HAVING COUNT(*) > 30000000 ORDER BY k4 , k5 DESC, age DESC
WITH g AS (SELECT browser, p2p > 0 AS k1, FLOOR(cdn / 50000000) AS k6, MIN(country) AS a0, AVG(age) FILTER (WHERE connected IS NOT TRUE) AS a1, MAX(country) AS a2 FROM sessions GROUP BY browser, p2p > 0, FLOOR(cdn / 50000000)) SELECT browser, k1, k6, a2 AS v, COUNT(*) OVER () AS n FROM g
SELECT a.isp AS k, a.n, b.m FROM (SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp) AS a JOIN (SELECT isp, MAX(CASE WHEN connected THEN 1 ELSE 0 END) FILTER (WHERE cdn <> 1e8) AS m FROM sessions WHERE device NOT LIKE '%o' GROUP BY isp) AS b ON a.isp = b.isp
SELECT FLOOR(cdn / 50000000) AS k6, ROUND(100.0 * COUNT(*) FILTER (WHERE browser <> 'Iron') / COUNT(*), 2) AS a0, COUNT(*) - 947 AS a1, COUNT(DISTINCT age) AS a2 FROM sessions GROUP BY k6 HAVING SUM(cdn) < 5
SELECT COUNT(*) - 1395 AS a0, COUNT(*) - 191 AS a1, AVG(CASE WHEN connected THEN 1 ELSE 0 END) AS a2 FROM sessions WHERE browser <> 'Iron'
SELECT age % 5 AS x0, ROUND(p2p / 1000000, 1) AS x1 FROM sessions WHERE p2p + cdn <> 1e8
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE age IN (SELECT age FROM sessions WHERE COALESCE(note, 'none') <> 'none') AND country || browser = 'BTPIron'
WITH g AS (SELECT LOWER(country) AS k2, MAX(isp) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE connected IS NULL GROUP BY LOWER(country)) SELECT k2, COUNT(a0) OVER (PARTITION BY k2) AS w FROM g
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE isp NOT IN (SELECT MAX(isp) FROM sessions WHERE NOT (note <> '')) AND COALESCE(country, 'none') <> 'none'
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, ROUND(100.0 * COUNT(*) FILTER (WHERE isp LIKE 'B%') / COUNT(*), 2) AS a0 FROM sessions WHERE isp || browser = 'BTPIron' GROUP BY k4 HAVING MAX(age) < 30000000 ORDER BY a0 DESC, k4 LIMIT 3 OFFSET 0
SELECT isp, MIN(ROUND(p2p / 1000000, 1)) AS a0 FROM sessions WHERE note LIKE 'B%' GROUP BY 1
SELECT DISTINCT country FROM sessions WHERE connected ORDER BY country DESC
SELECT a.stream AS k, a.n, b.m FROM (SELECT stream, COUNT(*) AS n FROM sessions GROUP BY stream) AS a JOIN (SELECT stream, MIN(note) AS m FROM sessions WHERE note < 'x' GROUP BY stream) AS b ON a.stream = b.stream
WITH g AS (SELECT stream, COALESCE(isp, 'none') AS k5, country, SUM(CASE WHEN note <= 'x' THEN 1 ELSE 0 END) AS a0, COUNT(*) - 446 AS a1 FROM sessions GROUP BY stream, k5, country HAVING SUM(cdn) >= 40) SELECT stream, k5, country, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT COUNT(*) AS n FROM sessions WHERE p2p = (SELECT MAX(cdn) FROM sessions WHERE country <> 'DE') AND age BETWEEN 6 AND 23
SELECT cdn AS x0, p2p / NULLIF(p2p + cdn, 0) AS x1, NULLIF(age, 40) AS x2 FROM sessions
WITH g AS (SELECT SUBSTR(browser, 1, 2) AS k8, browser, MAX(ROUND(p2p / 1000000, 1)) FILTER (WHERE age BETWEEN 2 AND 31) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE UPPER(browser) = 'DE') / COUNT(*), 2) AS a1, MAX(age) AS a2 FROM sessions WHERE (connected AND p2p + cdn = 50000000) GROUP BY k8, browser) SELECT k8, browser, DENSE_RANK() OVER (ORDER BY a2 DESC) AS w FROM g
SELECT device AS v, stream AS s FROM sessions UNION ALL SELECT isp, 2 FROM sessions WHERE cdn > 1e8
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream NOT IN (SELECT stream FROM sessions GROUP BY stream HAVING COUNT(*) > 348) AND connected IS FALSE
SELECT GREATEST(age, stream) AS x0, age AS x1 FROM sessions
SELECT stream, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, MAX(p2p + cdn) AS a2 FROM sessions GROUP BY 1
WITH g AS (SELECT isp IS NULL AS k9, COALESCE(isp, 'none') AS k5, QUANTILE_CONT(cdn, 0.5) AS a0 FROM sessions GROUP BY k9, k5) SELECT k9, k5, RANK() OVER (ORDER BY a0) AS w FROM g
SELECT browser, COUNT(DISTINCT isp) AS a0, SUM(age % 5) AS a1 FROM sessions WHERE (COALESCE(device, 'none') <> 'none' AND connected = TRUE) GROUP BY 1 ORDER BY a1 , browser
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k10) AS c FROM (SELECT device || '-' || country AS k10, MIN(note) AS a0, STDDEV(CASE WHEN age > 10 THEN age ELSE stream END) AS a1, COALESCE(COUNT(*), 0) AS a2 FROM sessions GROUP BY k10) AS t
SELECT device || '-' || country AS k10, COALESCE(COUNT(DISTINCT device), 0) AS a0 FROM sessions WHERE device > 'Tv' GROUP BY k10 ORDER BY a0  NULLS FIRST, k10
WITH g AS (SELECT isp IS NULL AS k9, FLOOR(cdn / 50000000) AS k6, stream % 2 AS k3, MIN(device) AS a0, COUNT(*) - 1083 AS a1, MAX(device) AS a2 FROM sessions GROUP BY 1, 2, 3) SELECT k9, k6, k3, a1 AS v, COUNT(*) OVER () AS n FROM g
SELECT COALESCE(isp, 'none') AS k5, LOWER(country) AS k2, COALESCE(STDDEV(COALESCE(age, 0)), 0) AS a0 FROM sessions GROUP BY k5, k2 HAVING SUM(cdn) < 5
SELECT device AS v, 1 AS s FROM sessions UNION ALL SELECT browser, stream FROM sessions WHERE isp || browser = 'BTPIron'
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k10) AS c FROM (SELECT device || '-' || country AS k10, age, COUNT(*) - 392 AS a0 FROM sessions GROUP BY 1, 2) AS t
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k7) AS c FROM (SELECT age % 3 AS k7, country, p2p > 0 AS k1, MIN(p2p - cdn) FILTER (WHERE ((COALESCE(isp, 'none') <> 'none' AND note NOT LIKE 'B%') OR isp || browser = 'BTPIron')) AS a0 FROM sessions GROUP BY 1, 2, 3) AS t
SELECT NULLIF(age, 40) AS x0, -age AS x1 FROM sessions
SELECT cdn AS x0, cdn / 1000000 AS x1 FROM sessions
SELECT COUNT(country) AS a0 FROM sessions
SELECT a.browser AS k, a.n, b.m FROM (SELECT browser, COUNT(*) AS n FROM sessions GROUP BY browser) AS a JOIN (SELECT browser, AVG(stream % 3) AS m FROM sessions WHERE note IS NOT NULL GROUP BY browser) AS b ON a.browser = b.browser
SELECT connected, COUNT(*) AS a0, COUNT(*) - 919 AS a1, MAX(ABS(p2p - cdn)) AS a2 FROM sessions GROUP BY connected ORDER BY a1 DESC NULLS FIRST, connected DESC LIMIT 7 OFFSET 2
SELECT stream, age % 3 AS k7, SUM(CASE WHEN connected THEN 1 ELSE 0 END) AS a0 FROM sessions GROUP BY 1, 2 HAVING AVG(p2p) < 5
WITH g AS (SELECT isp IS NULL AS k9, stream % 2 AS k3, COUNT(*) - 852 AS a0, COALESCE(COUNT(note) FILTER (WHERE UPPER(isp) = 'DE'), 0) AS a1 FROM sessions GROUP BY isp IS NULL, stream % 2) SELECT k9, k3, a0 AS v, COUNT(*) OVER () AS n FROM g
SELECT DISTINCT age, note FROM sessions ORDER BY age DESC, note DESC LIMIT 5
SELECT SUM(stream) AS a0 FROM sessions WHERE COALESCE(country, 'none') <> 'none'
SELECT age AS x0, cdn / 1000000 AS x1 FROM sessions WHERE p2p / NULLIF(p2p + cdn, 0) > stream
SELECT browser, connected, stream % 2 AS k3, MAX(CASE WHEN age > 10 THEN age ELSE stream END) AS a0, QUANTILE_CONT(p2p + cdn, 0.1) AS a1 FROM sessions WHERE country || browser = 'BTPIron' GROUP BY browser, connected, stream % 2 HAVING SUM(cdn) >= 100 ORDER BY k3  NULLS FIRST, browser, connected LIMIT 6
SELECT browser AS v, 1 AS s FROM sessions WHERE note NOT LIKE '%_%' UNION SELECT note, stream FROM sessions WHERE browser LIKE '%o'
SELECT CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, MAX(FLOOR(p2p / 10000000)) AS a0, COUNT(*) - 558 AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE device = 'tv' GROUP BY CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END
WITH g AS (SELECT age % 3 AS k7, country, browser, MEDIAN(COALESCE(age, 0)) AS a0, COUNT(*) AS a1 FROM sessions WHERE age % 2 = 1 GROUP BY k7, country, browser HAVING MAX(age) < 30000000) SELECT k7, country, browser, RANK() OVER (ORDER BY a0) AS w FROM g
SELECT MIN(stream % 3) AS a0, COUNT(*) - 221 AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE device NOT IN ('Tv', 'Tv')) / COUNT(*), 2) AS a2, COUNT(*) AS a3 FROM sessions WHERE p2p + cdn < 1e8
WITH g AS (SELECT stream, ROUND(100.0 * COUNT(*) FILTER (WHERE country || browser = 'BTPIron') / COUNT(*), 2) AS a0, QUANTILE_CONT(cdn, 0.5) AS a1, COUNT(DISTINCT isp) AS a2 FROM sessions WHERE p2p <> 0 GROUP BY stream) SELECT stream, COUNT(a2) OVER (PARTITION BY stream) AS w FROM g
SELECT stream % 2 AS k3, COUNT(*) - 994 AS a0, MIN(stream) FILTER (WHERE (device <= 'Tv' AND connected = TRUE)) AS a1, COUNT(*) - 821 AS a2 FROM sessions GROUP BY stream % 2
SELECT COUNT(*) AS n FROM sessions WHERE cdn < (SELECT AVG(cdn) FROM sessions WHERE isp >= 'Nope') AND NOT connected
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream NOT IN (SELECT stream FROM sessions WHERE NOT (connected IS FALSE)) AND age % 2 = 0
SELECT a.isp AS k, a.n, b.m FROM (SELECT isp, COUNT(*) AS n FROM sessions WHERE NOT (NOT (stream IN (1, 7))) GROUP BY isp) AS a JOIN (SELECT isp, COUNT(*) FILTER (WHERE country = 'de') AS m FROM sessions WHERE note = '' GROUP BY isp) AS b ON a.isp = b.isp
SELECT a.isp AS k, a.n, b.m FROM (SELECT isp, COUNT(*) AS n FROM sessions WHERE stream NOT IN (1, 8) GROUP BY isp) AS a JOIN (SELECT isp, MIN(NULLIF(age, 40)) AS m FROM sessions WHERE age * 2 < p2p GROUP BY isp) AS b ON a.isp = b.isp
SELECT MEDIAN(CASE WHEN connected THEN 1 ELSE 0 END) AS a0, MAX(note) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE connected IS NOT TRUE
SELECT ROUND(100.0 * COUNT(*) FILTER (WHERE (UPPER(isp) = 'DE' OR browser NOT IN ('Swamp', 'Iron'))) / COUNT(*), 2) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, COUNT(DISTINCT stream) FILTER (WHERE NOT (connected IS FALSE)) AS a2 FROM sessions WHERE isp > 'Fro'
WITH g AS (SELECT isp IS NULL AS k9, isp, COUNT(DISTINCT note) FILTER (WHERE p2p + cdn > 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE (age % 2 = 1 AND age BETWEEN -4 AND 19) GROUP BY 1, 2) SELECT k9, isp, SUM(a0) OVER () AS w FROM g
WITH g AS (SELECT stream % 2 AS k3, SUM(CASE WHEN device IN ('tv', 'tv') THEN 1 ELSE 0 END) AS a0, COUNT(DISTINCT country) FILTER (WHERE COALESCE(note, 'none') <> 'none') AS a1 FROM sessions WHERE COALESCE(browser, 'none') <> 'none' GROUP BY 1) SELECT k3, a1 AS v, COUNT(*) OVER () AS n FROM g
SELECT p2p + cdn AS x0, ABS(p2p - cdn) AS x1 FROM sessions WHERE stream IN (4, 3)
WITH g AS (SELECT isp, SUM(p2p) / SUM(p2p + cdn) AS a0, SUM(age % 5) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions GROUP BY 1 HAVING SUM(cdn) >= 30000000) SELECT isp, SUM(a0) OVER () AS w FROM g
SELECT a.isp AS k, a.n, b.m FROM (SELECT isp, COUNT(*) AS n FROM sessions WHERE stream NOT IN (5, 1) GROUP BY isp) AS a LEFT JOIN (SELECT isp, MAX(p2p - cdn) AS m FROM sessions GROUP BY isp) AS b ON a.isp = b.isp
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream NOT IN (SELECT stream FROM sessions WHERE (stream IN (6, 3) AND p2p + cdn <= 0)) AND UPPER(device) = 'DE'
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(isp) AS c FROM (SELECT isp, COALESCE(SUM(age * 2), 0) AS a0, COALESCE(SUM(COALESCE(age, 0)), 0) AS a1 FROM sessions WHERE stream IN (8, 8) GROUP BY isp) AS t
SELECT MIN(country) AS a0 FROM sessions WHERE age BETWEEN -1 AND 34
SELECT SUM(p2p) / SUM(p2p + cdn) AS a0, COUNT(*) - 442 AS a1 FROM sessions
SELECT QUANTILE_CONT(cdn, 0.5) AS a0, COUNT(*) - 421 AS a1, COUNT(*) - 265 AS a2 FROM sessions WHERE (note <= 'a_b' AND p2p > -age)
SELECT LOWER(country) AS k2, MIN(age * 2) AS a0 FROM sessions WHERE device LIKE 'B%' GROUP BY 1 ORDER BY a0 , k2 LIMIT 5 OFFSET 2
SELECT COUNT(*) AS n FROM sessions WHERE cdn <> (SELECT MAX(p2p) FROM sessions) AND isp LIKE '_ro'
SELECT DISTINCT country, stream, connected FROM sessions WHERE isp || browser = 'BTPIron' ORDER BY country DESC, stream DESC, connected DESC
SELECT a.stream AS k, a.n, b.m FROM (SELECT stream, COUNT(*) AS n FROM sessions GROUP BY stream) AS a LEFT JOIN (SELECT stream, SUM(GREATEST(age, stream)) AS m FROM sessions WHERE country <> 'de' GROUP BY stream) AS b ON a.stream = b.stream
SELECT isp, MEDIAN(p2p / NULLIF(p2p + cdn, 0)) AS a0, COUNT(*) FILTER (WHERE UPPER(device) = 'DE') AS a1 FROM sessions GROUP BY isp HAVING MAX(age) < 5 ORDER BY a1 , isp DESC
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions WHERE UPPER(browser) = 'DE' GROUP BY country) AS a JOIN (SELECT country, COUNT(*) AS m FROM sessions WHERE country < 'DE' GROUP BY country) AS b ON a.country = b.country
WITH g AS (SELECT isp IS NULL AS k9, MIN(browser) AS a0, MIN(note) AS a1 FROM sessions GROUP BY 1) SELECT k9, RANK() OVER (PARTITION BY k9 ORDER BY a1 DESC) AS w FROM g
SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE stream NOT IN (SELECT stream FROM sessions WHERE NOT (NOT (connected = TRUE))) AND age % 2 = 1
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions GROUP BY country) AS a LEFT JOIN (SELECT country, COUNT(browser) AS m FROM sessions WHERE browser IN ('Swamp', 'Swamp') GROUP BY country) AS b ON a.country = b.country
SELECT DISTINCT age, stream, country FROM sessions ORDER BY age DESC, stream DESC, country DESC
WITH g AS (SELECT browser, COALESCE(SUM(cdn), 0) AS a0, MAX(FLOOR(p2p / 10000000)) AS a1, QUANTILE_CONT(cdn, 0.95) AS a2 FROM sessions WHERE (p2p = 50000000 OR (cdn / 1000000 <> cdn OR age BETWEEN -3 AND 11)) GROUP BY browser) SELECT browser, a0 AS v, COUNT(*) OVER () AS n FROM g
WITH g AS (SELECT age % 3 AS k7, QUANTILE_CONT(cdn, 0.1) AS a0 FROM sessions GROUP BY k7) SELECT k7, MAX(a0) OVER (PARTITION BY k7) AS w FROM g
WITH g AS (SELECT SUBSTR(browser, 1, 2) AS k8, CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END AS k4, p2p > 0 AS k1, MAX(ABS(p2p - cdn)) FILTER (WHERE device IS NULL) AS a0, COALESCE(MAX(NULLIF(age, 40)), 0) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE connected IS NULL GROUP BY k8, k4, k1) SELECT k8, k4, k1, MIN(a0) OVER () AS w FROM g
SELECT a.country AS k, a.n, b.m FROM (SELECT country, COUNT(*) AS n FROM sessions GROUP BY country) AS a JOIN (SELECT country, SUM(cdn / 1000000) AS m FROM sessions GROUP BY country) AS b ON a.country = b.country
SELECT SUBSTR(browser, 1, 2) AS k8, COUNT(DISTINCT isp) AS a0, SUM(CASE WHEN country NOT IN ('de', 'de') THEN 1 ELSE 0 END) AS a1, SUM(p2p) / SUM(p2p + cdn) AS a2 FROM sessions WHERE NOT (connected = TRUE) GROUP BY 1 ORDER BY a2  NULLS FIRST, k8 LIMIT 1
SELECT p2p > 0 AS k1, COALESCE(SUM(CASE WHEN age > 10 THEN age ELSE stream END), 0) AS a0 FROM sessions GROUP BY 1
WITH g AS (SELECT isp IS NULL AS k9, device || '-' || country AS k10, QUANTILE_CONT(p2p, 0.95) AS a0 FROM sessions GROUP BY 1, 2) SELECT k9, k10, RANK() OVER (PARTITION BY k9 ORDER BY a0 DESC) AS w FROM g
SELECT stream, age, device || '-' || country AS k10, ROUND(100.0 * COUNT(*) FILTER (WHERE COALESCE(browser, 'none') <> 'none') / COUNT(*), 2) AS a0, AVG(NULLIF(age, 40)) AS a1 FROM sessions GROUP BY stream, age, k10 ORDER BY a1 , stream DESC, age, k10 DESC
SELECT isp, browser, MAX(age * 2) AS a0 FROM sessions WHERE UPPER(country) = 'DE' GROUP BY 1, 2 HAVING SUM(cdn) >= 30000000
WITH g AS (SELECT age, COUNT(*) - 1050 AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions GROUP BY 1) SELECT age, SUM(a0) OVER () AS w FROM g
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(country) AS c FROM (SELECT country, COALESCE(AVG(p2p), 0) AS a0 FROM sessions WHERE connected = TRUE GROUP BY 1) AS t
SELECT p2p > 0 AS k1, connected, COALESCE(AVG(stream % 3), 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1 FROM sessions WHERE device <> 'tv' GROUP BY k1, connected HAVING SUM(cdn) >= 5
SELECT DISTINCT isp, stream FROM sessions ORDER BY isp, stream DESC
SELECT stream, QUANTILE_CONT(p2p + cdn, 0.95) AS a0 FROM sessions WHERE (COALESCE(note, 'none') <> 'none' AND cdn <= 1.5e7) GROUP BY stream HAVING COUNT(*) > 100
SELECT DISTINCT isp FROM sessions WHERE isp || browser = 'BTPIron' ORDER BY isp DESC
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(k9) AS c FROM (SELECT isp IS NULL AS k9, COALESCE(COUNT(p2p), 0) AS a0, SUM(p2p) / SUM(p2p + cdn) AS a1, ROUND(100.0 * COUNT(*) FILTER (WHERE (stream <= p2p - cdn OR stream NOT IN (7, 5))) / COUNT(*), 2) AS a2 FROM sessions WHERE stream IN (8, 3) GROUP BY k9) AS t
SELECT DISTINCT stream FROM sessions ORDER BY stream
SELECT COALESCE(isp, 'none') AS k5, age, stream % 2 AS k3, COALESCE(MAX(p2p / NULLIF(p2p + cdn, 0)), 0) AS a0 FROM sessions GROUP BY 1, 2, 3
SELECT MAX(isp) AS a0, ROUND(100.0 * COUNT(*) FILTER (WHERE (isp NOT LIKE 'I%n' OR device NOT LIKE '%o')) / COUNT(*), 2) AS a1 FROM sessions WHERE device = 'Tv'
SELECT COUNT(*) AS n, MAX(a0) AS m, COUNT(connected) AS c FROM (SELECT connected, COALESCE(QUANTILE_CONT(cdn, 0.95), 0) AS a0 FROM sessions WHERE cdn < 1e8 GROUP BY connected) AS t
SELECT isp FROM sessions GROUP BY isp ORDER BY COUNT(*) DESC
SELECT isp, SUM(p2p) s FROM sessions GROUP BY isp ORDER BY -SUM(p2p)
SELECT isp, SUM(p2p) s FROM sessions GROUP BY isp ORDER BY MAX(cdn)
SELECT isp, SUM(COUNT(*)) OVER () AS t FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, COUNT(*) * 100.0 / SUM(COUNT(*)) OVER () AS t FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, COUNT(*) AS n, RANK() OVER (ORDER BY COUNT(*) DESC) AS r FROM sessions GROUP BY isp ORDER BY r
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING isp LIKE 'B%'
SELECT 7//2 AS a, -7//2 AS c
SELECT CAST(p2p AS BIGINT) b FROM sessions
SELECT CAST(2.7 AS INT) a, CAST(-2.7 AS INT) b, CAST('12' AS INT) c, CAST(3 AS VARCHAR) d, CAST(1.5 AS VARCHAR) e, CAST('1.5' AS DOUBLE) f
SELECT COUNT(*) n FROM sessions WHERE p2p > 100_000_000
SELECT ROW_NUMBER() OVER (ORDER BY p2p, cdn, stream) AS r, p2p FROM sessions ORDER BY r LIMIT 10
WITH c AS (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) SELECT isp, browser, n, ROW_NUMBER() OVER (PARTITION BY isp ORDER BY n DESC, browser) AS r FROM c ORDER BY isp, r
WITH c AS (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser), r AS (SELECT isp, browser, n, ROW_NUMBER() OVER (PARTITION BY isp ORDER BY n DESC, browser) AS r FROM c) SELECT isp, browser FROM r WHERE r = 1 ORDER BY isp
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, SUM(n) OVER (ORDER BY stream) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, AVG(n) OVER (ORDER BY stream ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, AVG(n) OVER (ORDER BY stream ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, AVG(n) OVER (ORDER BY stream) AS p, COUNT(*) OVER (ORDER BY stream) AS q, MAX(n) OVER (ORDER BY stream) AS m, MIN(n) OVER (ORDER BY stream) AS mi FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, FIRST_VALUE(n) OVER (ORDER BY stream) AS p, LAST_VALUE(n) OVER (ORDER BY stream) AS q FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, NTILE(3) OVER (ORDER BY stream) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, PERCENT_RANK() OVER (ORDER BY stream) AS p FROM c ORDER BY stream
SELECT isp FROM sessions QUALIFY ROW_NUMBER() OVER (PARTITION BY isp ORDER BY p2p) = 1 ORDER BY isp
SELECT COUNT(*) AS n FROM sessions HAVING COUNT(*) > 5
SELECT isp, COUNT(*) n FROM sessions GROUP BY ROLLUP(isp)
SELECT STRPOS(isp,'a') l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT isp, COUNT(*) AS n, n * 2 AS m FROM sessions GROUP BY isp
SELECT SUM(1000000) AS s FROM sessions
SELECT SUM(1) AS s FROM sessions
SELECT stream, SUM(n) OVER (ORDER BY stream % 2) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT stream, COUNT(n) OVER (ORDER BY stream % 2) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT stream, MAX(n) OVER (ORDER BY stream % 2) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT age, SUM(age) OVER (ORDER BY age) AS d FROM (SELECT DISTINCT age FROM sessions) t
SELECT age, COUNT(*) OVER (ORDER BY age) AS d FROM (SELECT DISTINCT age FROM sessions) t
SELECT isp, SUM(n) OVER (ORDER BY isp DESC) AS d FROM (SELECT isp, COUNT(*) n FROM sessions WHERE isp IS NOT NULL GROUP BY isp) t
SELECT isp, browser, SUM(n) OVER (PARTITION BY isp ORDER BY browser) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, RANK() OVER (ORDER BY isp IS NULL, isp, browser) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, DENSE_RANK() OVER (PARTITION BY browser ORDER BY isp IS NOT NULL DESC, isp DESC) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, ROW_NUMBER() OVER (PARTITION BY browser ORDER BY isp IS NOT NULL DESC, isp DESC) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, FIRST_VALUE(browser) OVER (PARTITION BY isp ORDER BY browser) AS d, LAST_VALUE(browser) OVER (PARTITION BY isp ORDER BY browser) e FROM (SELECT DISTINCT isp, browser FROM sessions) t
SELECT isp, COUNT(*) AS n, MAX(COUNT(*)) OVER () AS m FROM sessions GROUP BY isp
SELECT isp, COUNT(*) AS n, RANK() OVER (ORDER BY n DESC) AS m FROM sessions GROUP BY isp
SELECT isp, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY isp) AS m FROM sessions GROUP BY isp
SELECT isp, COUNT(*) OVER (PARTITION BY isp) AS m FROM sessions GROUP BY isp
SELECT QUANTILE_CONT(p2p, 0.9) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT SUM(p2p) FILTER (WHERE connected) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT isp FROM sessions WHERE isp IS NOT NULL INTERSECT SELECT isp FROM sessions WHERE age = 40 EXCEPT SELECT isp FROM sessions WHERE isp = 'BTP'
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING COUNT(*) > 100 AND AVG(p2p) > 1 AND isp <> 'BTP'
SELECT SUBSTR(browser, 0, 2) a, SUBSTR(browser, -2) b, LEFT(browser, -1) c, RIGHT(browser, -1) d FROM sessions
SELECT POSITION('a' IN isp) a, STRPOS(isp, 'z') b FROM sessions
SELECT COUNT(*) n FROM sessions WHERE connected OR stream IN (SELECT stream FROM sessions WHERE age > 20 AND isp = 'BTP')
SELECT stream IN (SELECT stream FROM sessions WHERE age > 39) AS k, COUNT(*) n FROM sessions GROUP BY k
SELECT CASE WHEN stream IN (SELECT stream FROM sessions WHERE age > 39) THEN 1 ELSE 0 END AS k FROM sessions
SELECT ISP FROM sessions LIMIT 1
SELECT COUNT(*) n, stream % 3 AS k FROM sessions GROUP BY k HAVING k > 0
SELECT DISTINCT isp FROM sessions ORDER BY LENGTH(isp), isp
SELECT isp, SUM(p2p) AS a, a / 2 AS b FROM sessions GROUP BY isp
SELECT stream * 2 AS d, stream * 2 + COUNT(*) AS n FROM sessions GROUP BY stream * 2
SELECT stream, COUNT_IF(p2p > 1e8) a, COUNT_IF(age > 20) FILTER (WHERE age IS NULL) b FROM sessions GROUP BY stream
SELECT COUNT_IF(connected) a FROM sessions WHERE FALSE
SELECT SPLIT_PART('abc', '', 1) a, SPLIT_PART('abc', '', 4) b, SPLIT_PART('a-b', '-', 0) c, SPLIT_PART('a-b', '-', -1) d, SPLIT_PART('', '', 1) e
SELECT 123456789012345678.9::DECIMAL(20, 1) a
SELECT isp, COUNT(*) n FROM sessions GROUP BY ROLLUP (isp, isp)
SELECT isp FROM sessions GROUP BY ROLLUP (isp)
SELECT isp, browser, COUNT(*) n, GROUPING(isp) a, GROUPING(isp, browser) b FROM sessions GROUP BY ROLLUP (isp, browser)
SELECT isp, GROUPING(isp) g FROM sessions GROUP BY isp
SELECT isp, COUNT(*) n FROM sessions GROUP BY CUBE (isp, browser) HAVING GROUPING(browser) = 1
SELECT isp, GROUPING_ID(isp) g FROM sessions GROUP BY ROLLUP (isp) ORDER BY GROUPING(isp), isp
SELECT isp, browser FROM sessions GROUP BY GROUPING SETS ((isp), (browser), ())
SELECT MAKE_TIMESTAMP(1) a, MAKE_TIMESTAMP(2026, 1, 2, 3, 4, 5.5) b, EPOCH_MS(1000) c, EPOCH_MS(-1) d, MAKE_TIMESTAMP(2026, 1, 2, 24, 0, 0) e
SELECT STRPTIME('03/04/2026 10:00', '%d/%m/%Y %H:%M') a, TRY_STRPTIME('x', '%d') b, STRFTIME('%Y', DATE '2026-01-02') c
SELECT DATE_DIFF('week', DATE '2026-01-04', DATE '2026-01-05') a, DATE_DIFF('week', DATE '2026-01-12', DATE '2026-01-05') b, DATE_DIFF('isoyear', DATE '2025-12-28', DATE '2025-12-29') c
SELECT * RENAME (isp AS provider) FROM sessions
FROM sessions
FROM sessions SELECT isp, COUNT(*) AS n GROUP BY isp
SELECT isp, REGEXP_MATCHES(isp, 'b', 'i') a FROM sessions
SELECT isp, (SELECT MAX(b.cdn) FROM sessions b WHERE b.isp = a.isp) m, COUNT(*) n FROM sessions a GROUP BY isp
SELECT isp, browser, (SELECT MAX(b.cdn) FROM sessions b WHERE b.isp = a.isp) m, COUNT(*) n FROM sessions a GROUP BY ROLLUP (isp, browser)
SELECT isp, COUNT(*) n FROM sessions a GROUP BY isp HAVING EXISTS (SELECT 1 FROM sessions c WHERE c.isp = a.isp AND c.cdn > 1e8)
SELECT COUNT(*) n FROM sessions a, sessions b, sessions c WHERE a.isp = b.isp AND b.browser = c.browser AND a.stream = 1 AND c.stream = 2 AND b.cdn > a.cdn
SELECT COUNT(*) n FROM sessions a LEFT JOIN sessions b ON a.isp = b.isp AND b.stream = 2 WHERE a.stream = 1 AND b.isp IS NULL
SELECT COUNT(*) n FROM sessions a WHERE EXISTS (SELECT 1 FROM sessions b, sessions c WHERE b.isp = c.isp AND b.stream = a.stream AND c.stream = 2)
SELECT SUBSTRING('abc',-5,3) a, SUBSTRING('abc',-5) b, SUBSTRING('y',-2,1) c, SUBSTRING('abc',-2,1) d, SUBSTRING('abc',-3,2) e, SUBSTRING('abc',0,2) f, SUBSTRING('abc',-4,2) g, SUBSTRING('abc',-5,-1) h, SUBSTRING('abc',-1,-1) j, SUBSTRING('abc',2,-1) k, SUBSTRING('abc',-5,0) l
SELECT * FROM (VALUES (1,2)) a(g,k) JOIN (VALUES (1,3)) b(g,h) USING (g) JOIN (VALUES (2,4)) c(g,b) ON a.k = c.g
SELECT g FROM (VALUES (1,2)) a(g,k) JOIN (VALUES (1,3)) b(g,h) USING (g) JOIN (VALUES (2,4)) c(g,b) ON a.k = c.g
SELECT * FROM (VALUES (1,2)) a(g,k) JOIN (VALUES (1,3)) b(g,h) USING (g) JOIN (VALUES (1,4)) c(g,b) USING (g)
SELECT * FROM (VALUES (1,2)) a(g,k) NATURAL JOIN (VALUES (1,3)) b(g,h) CROSS JOIN (VALUES (1,4)) c(g,b)
SELECT * FROM (VALUES (1,2,3)) a(d,g,k) JOIN (VALUES (1,2,3)) b(d,g,b) USING (d,g) RIGHT JOIN (VALUES (3,9)) c(b,g) USING (b)
SELECT DATE_DIFF('epoch', DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:01.9') a, DATE_TRUNC('epoch', TIMESTAMP '2020-01-01 00:00:01.9') b
SELECT EPOCH_MS(TIMESTAMP '1960-01-01 00:00:00.0005') a, EPOCH_MS(DATE '1960-01-01') b
SELECT CORR(x, y) s FROM (VALUES (1.0::DOUBLE, 0.1::DOUBLE),(3.0,0.1),(7.0,0.1)) t(x,y)
SELECT LAG(k,1,1.5) OVER (ORDER BY k) s FROM (VALUES (1),(2)) t(k)
SELECT * FROM (VALUES (2),('1')) v(x)
SELECT a.id, a.x IN (SELECT b.x FROM (VALUES (1,NULL),(1,5),(2,5)) b(g,x) WHERE b.g = a.id) i FROM (VALUES (1,5),(1,6),(2,6),(2,NULL),(3,NULL)) a(id,x)
SELECT a.id, a.x NOT IN (SELECT b.x FROM (VALUES (1,NULL),(1,5),(2,5)) b(g,x) WHERE b.g = a.id) i FROM (VALUES (1,5),(1,6),(2,6),(2,NULL),(3,NULL)) a(id,x)
SELECT a.id FROM (VALUES (1,5),(1,6),(2,6),(2,NULL),(3,NULL)) a(id,x) WHERE a.x NOT IN (SELECT b.x FROM (VALUES (1,NULL),(1,5),(2,5)) b(g,x) WHERE b.g = a.id)
SELECT a.id, COUNT(*) n, 5 IN (SELECT b.x FROM (VALUES (1,NULL),(1,5),(2,5)) b(g,x) WHERE b.g = a.id) i FROM (VALUES (1,5),(1,6),(2,6),(2,NULL),(3,NULL)) a(id,x) GROUP BY a.id
SELECT COALESCE(true, 5) a
SELECT DATE '2020-01-01' d UNION ALL SELECT NULL
SELECT NULL d UNION ALL SELECT true
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp UNION ALL SELECT NULL, COUNT(*) FROM sessions
SELECT 1 AS c, COUNT(*) n FROM sessions WHERE stream < 0 GROUP BY ALL
SELECT 5 AS a FROM sessions GROUP BY ()
SELECT 1 a FROM sessions HAVING TRUE
SELECT CAST(2.5e0 AS DECIMAL(5,0)) a, CAST(0.5e0 AS DECIMAL(5,0)) b, CAST(2.5e0 AS INTEGER) c
SELECT (SELECT COUNT(*) FROM sessions u WHERE u.age=t.stream) a, (SELECT COUNT(*) FROM sessions v WHERE v.stream=t.age) b, (SELECT COUNT(*) FROM sessions w WHERE w.isp=t.isp) c FROM sessions t
SELECT NULLIF(8, x) y FROM (SELECT 1 AS x, stream g FROM sessions) q WHERE g > 1
SELECT CASE 0 WHEN x THEN 4 ELSE 3 END y FROM (SELECT 1 AS x, stream g FROM sessions) q WHERE g > 1
SELECT REGEXP_MATCHES('é','\w') a, REGEXP_MATCHES('९','\d') b, REGEXP_MATCHES('aé','a\b') c, REGEXP_MATCHES('a','[a&&b]') d, REGEXP_MATCHES('ab','\<a') e, REGEXP_MATCHES('a{b', 'a{') f, REGEXP_FULL_MATCH('ab.','\Qab.\E') g
SELECT COUNT(*) n FROM sessions a LEFT JOIN sessions b ON a.isp = b.isp AND b.stream < 3
SELECT COUNT(*) n FROM sessions a FULL JOIN sessions b ON a.isp = b.isp AND b.stream < 3 AND a.stream > 3
SELECT COUNT(*) n FROM sessions a RIGHT JOIN sessions b ON a.isp = b.isp AND b.stream < 3 AND a.stream > 3
SELECT COUNT(*) n FROM sessions a ANTI JOIN sessions b ON a.isp = b.isp AND b.stream < 3 AND a.stream > 3
SELECT COUNT(*) n FROM sessions a SEMI JOIN sessions b ON a.isp = b.isp AND b.stream < 3 AND a.stream > 3
SELECT DATE_TRUNC('mon', DATE '2020-05-05') a, DATE_PART('h', TIMESTAMP '2020-05-05 10:00') b, DATE_PART('m', TIMESTAMP '2020-05-05 10:07') c, DATE_PART('ms', TIMESTAMP '2020-05-05 10:07:08') d, DATE_PART('us', TIMESTAMP '2020-05-05 10:07:08') e
